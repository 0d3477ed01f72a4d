import * as vscode from 'vscode';
import { Format } from '../format.ts';
import { plain } from '../heat/heatHover.ts';
import type { HistoryEntry } from './historyStore.ts';

/** What tells an entry from others: what was hot in it, when it was made, and how long it is. */
export function entryFacts(entry: HistoryEntry): string[] {
  const { startedAt, elapsed, samples } = entry;
  const { t } = vscode.l10n;
  const format = new Format(vscode.env.language);
  return [
    hottestText(entry, format),
    format.moment(startedAt, Date.now()),
    format.time(elapsed),
    t('{0} samples', format.shortCount(samples)),
  ].filter((fact) => fact !== '');
}

/** "work 75 %"; empty where nothing ran. */
function hottestText({ hottest }: HistoryEntry, format: Format): string {
  return hottest === null ? '' : `${hottest.name} ${format.share(hottest.share)}`;
}

/** The row of an entry in the view of profiles. */
export function entryItem(entry: HistoryEntry): vscode.TreeItem {
  const item = new vscode.TreeItem(entry.name);
  item.id = `history/${entry.id}`;
  item.iconPath = new vscode.ThemeIcon(entry.isPinned ? 'pinned' : 'history');
  item.contextValue = entry.isPinned ? 'history.pinned' : 'history.loose';
  item.description = entryFacts(entry).join(' · ');
  item.tooltip = new vscode.MarkdownString(
    [`**${plain(entry.name)}**`, ...entryFacts(entry).map(plain), ...(entry.program === null ? [] : [plain(entry.program)])].join('\n\n'),
  );
  item.accessibilityInformation = { label: `${entry.name}, ${item.description}` };
  item.command = { command: 'heatline.openFromHistory', title: vscode.l10n.t('Open'), arguments: [entry] };
  return item;
}
