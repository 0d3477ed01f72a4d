import * as vscode from 'vscode';
import type { Caller, LineTime } from '../../profile/lines.ts';
import { baseName } from '../files/pathMatch.ts';
import type { Format } from '../format.ts';

const BAR_WIDTH = 10;

/** A caller and what to call it and its file. */
export interface NamedCaller extends Caller {
  readonly display: { readonly name: string; readonly file: string };
}

export interface HoverFacts {
  /** For the commands of the links. */
  readonly sourceId: string;
  readonly title: string;
  readonly time: LineTime;
  /** µs of all samples. */
  readonly totalTime: number;
  /** Localised: what the shares are of. */
  readonly whole: string;
  /** Most time first. */
  readonly callers: readonly NamedCaller[];
}

/** The text of a hover in Markdown. Names come from the profiled process, so nothing of theirs may act as Markdown. */
export function hoverMarkdown({ sourceId, title, time, totalTime, whole, callers }: HoverFacts, format: Format): string {
  const { t } = vscode.l10n;
  const share = (of: number): string => format.share(totalTime > 0 ? of / totalTime : 0);
  const lines = [
    `**Heatline** · ${plain(title)}`,
    '',
    `| | | |`,
    '|:--|--:|--:|',
    `| ${plain(t('Self'))} | **${share(time.self)}** | ${format.time(time.self)} |`,
    `| ${plain(t('Total'))} | **${share(time.total)}** | ${format.time(time.total)} |`,
    `| ${plain(t('Samples'))} | ${format.count(time.samples)} | |`,
    '',
    `*${plain(whole)}*`,
  ];
  if (callers.length > 0) {
    lines.push('', plain(t('Called from')), '', '| | | | |', '|:--|--:|:--|:--|');
    for (const { file, line, time: callerTime, display } of callers) {
      const part = time.total > 0 ? Math.min(1, callerTime / time.total) : 0;
      const link = commandUri('heatline.openFrame', sourceId, file, line);
      lines.push(`| \`${bar(part)}\` | ${format.share(part)} | [${plain(display.name)}](${link} "${plain(t('Go to the call'))}") | ${plain(`${baseName(display.file)}:${line}`)} |`);
    }
  }
  lines.push('', `[${plain(t('Show in Flame Graph'))}](${commandUri('heatline.showFlameGraph', sourceId)})`);
  return lines.join('\n');
}

/** Eighths of a character make a bar of fixed width, so that shares can be compared at a glance. */
export function bar(part: number): string {
  const eighths = Math.round(part * BAR_WIDTH * 8);
  const full = Math.floor(eighths / 8);
  const rest = eighths % 8;
  return ('█'.repeat(full) + (rest === 0 ? '' : String.fromCodePoint(0x2590 - rest))).padEnd(BAR_WIDTH, '\u00a0');
}

/** Text that means only itself in Markdown: every mark escaped, on one line, of bearable length. */
export function plain(text: string): string {
  const line = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
  const cut = line.length > 200 ? `${line.slice(0, 200)}…` : line;
  return cut.replaceAll(/[\\`*_{}[\]()#+\-.!|<>&$~"':@]/g, (mark) => `\\${mark}`);
}

function commandUri(command: string, ...args: readonly unknown[]): string {
  return `command:${command}?${encodeURIComponent(JSON.stringify(args)).replaceAll(/[()'*!]/g, (mark) => `%${mark.charCodeAt(0).toString(16)}`)}`;
}
