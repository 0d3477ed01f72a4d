import * as vscode from 'vscode';
import { isNative, isNotRead, isStartOrEnd } from '../../profile/delta.ts';
import { exactCount } from '../../profile/exactCounts.ts';
import type { Context } from '../context.ts';
import { baseName } from '../files/pathMatch.ts';
import { Format } from '../format.ts';
import { plain } from '../heat/heatHover.ts';
import { isEntry } from '../history/history.ts';
import { entryItem } from '../history/historyEntries.ts';
import type { HistoryEntry } from '../history/historyStore.ts';
import type { ProfileSource } from '../profileSource.ts';
import { ProfileSession } from './profileSession.ts';
import { samplesText } from '../samples/samplesText.ts';
import { detailsOf, latestFirst, savedText, stateText, whatRan, whichPython } from './sourceFacts.ts';
import type { Sources } from './sources.ts';
import { stopsText } from './stopsText.ts';

/** Functions listed below a profile. */
const FUNCTIONS = 10;

/** A profile's function in the view. */
export interface FunctionNode {
  readonly source: ProfileSource;
  readonly func: number;
  readonly self: number;
  readonly share: number;
}

/** What stands above the profiles that are of other windows, or of before. */
const HISTORY = { isHistory: true } as const;

type Node = ProfileSource | FunctionNode | HistoryEntry | typeof HISTORY;

/** The view of all profiles of this window, each with its hottest functions. */
export class SessionsView implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  readonly #sources: Sources;
  readonly #context: Context;
  readonly #format = new Format(vscode.env.language);
  readonly #onDidChangeTreeData = new vscode.EventEmitter<Node | undefined>();
  readonly onDidChangeTreeData = this.#onDidChangeTreeData.event;
  readonly #view: vscode.TreeView<Node>;
  readonly #subscriptions: { dispose(): unknown }[];

  constructor(context: Context) {
    const { sources } = context;
    this.#context = context;
    this.#sources = sources;
    this.#view = vscode.window.createTreeView('heatline.sessions', { treeDataProvider: this, canSelectMany: true });
    this.#subscriptions = [
      this.#view,
      this.#onDidChangeTreeData,
      context.history.onDidChange(() => this.refresh()),
      sources.onDidAdd(() => this.refresh()),
      sources.onDidRemove(() => this.refresh()),
      sources.onDidChange((source) => {
        if (source.state === 'ended') this.refresh();
        else if (this.#view.visible) this.#onDidChangeTreeData.fire(source);
      }),
      this.#view.onDidChangeVisibility(({ visible }) => {
        if (visible) this.refresh();
      }),
    ];
  }

  refresh(): void {
    const unsaved = this.#sources.all.filter((source) => source.state === 'ended' && !source.isSaved).length;
    this.#view.badge = unsaved === 0 ? undefined : { value: unsaved, tooltip: vscode.l10n.t('Profiles not saved: {0}', unsaved) };
    this.#onDidChangeTreeData.fire(undefined);
  }

  dispose(): void {
    vscode.Disposable.from(...this.#subscriptions).dispose();
  }

  getChildren(node?: Node): Node[] {
    const { others } = this.#context.history;
    if (node === undefined) return [...latestFirst(this.#sources.all), ...(others.length === 0 ? [] : [HISTORY])];
    if ('isHistory' in node) return [...others];
    if (!('profile' in node)) return [];
    const times = this.#context.timesOf(node);
    const { totalTime } = times.weights;
    return [...times.functions]
      .filter(({ self }) => self > 0)
      .sort((a, b) => b.self - a.self)
      .slice(0, FUNCTIONS)
      .map(({ func, self }) => ({ source: node, func, self, share: self / totalTime }));
  }

  getTreeItem(node: Node): vscode.TreeItem {
    if ('isHistory' in node) return historyItem();
    if (isEntry(node)) return entryItem(node);
    return 'func' in node ? this.#functionItem(node) : this.#sourceItem(node);
  }

  getParent(node: Node): Node | undefined {
    if (isEntry(node)) return HISTORY;
    return 'func' in node ? node.source : undefined;
  }

  #sourceItem(source: ProfileSource): vscode.TreeItem {
    const { t } = vscode.l10n;
    const { samples } = this.#context;
    const entry = this.#context.history.entryOf(source);
    const { samples: count, elapsed, partial, lost, missed } = source.profile.quality;
    const item = new vscode.TreeItem(
      entry?.isRenamed === true ? entry.name : source instanceof ProfileSession ? source.target.name : source.title,
      vscode.TreeItemCollapsibleState.Collapsed,
    );
    const isHeat = this.#context.heat.source === source;
    item.id = source.id;
    item.iconPath = stateIcon(source);
    item.contextValue = [source instanceof ProfileSession ? source.state : 'opened', ...pinnedText(entry), isHeat ? 'heat' : 'noHeat'].join(
      '.',
    );
    const facts = [
      savedText(source),
      this.#format.moment(source.profile.startedAtEpoch, Date.now()),
      stateText(source),
      this.#format.time(elapsed),
      t('{0} samples', this.#format.shortCount(count)),
      isHeat ? t('heat shown') : '',
      samples.isOwn(source) ? samplesText(samples.of(source), source.profile) : '',
      whichPython(source),
      source instanceof ProfileSession ? String(source.target.pid) : '',
      whatRan(source),
    ];
    item.description = facts.filter((fact) => fact !== '').join(' · ');
    item.accessibilityInformation = { label: `${source.title}, ${item.description}` };
    item.tooltip = new vscode.MarkdownString(
      [
        `**${plain(source.title)}**`,
        ...detailsOf(source).map(plain),
        ...(source.endMessage === undefined ? [] : [plain(source.endMessage)]),
        plain(t('{0} samples in {1}', this.#format.count(count), this.#format.time(elapsed))),
        plain(
          t(
            '{0} not read to their end, {1} lost, {2} missed',
            this.#format.count(partial),
            this.#format.count(lost),
            this.#format.count(missed),
          ),
        ),
        ...stopsText(source.profile, this.#format).map(plain),
      ].join('\n\n'),
    );
    return item;
  }

  #functionItem({ source, func, self, share }: FunctionNode): vscode.TreeItem {
    const record = source.profile.functions[func]!;
    const { file, firstLine } = record;
    const display = this.#context.filesOf(source).display(record);
    if (isNotRead(record) || isStartOrEnd(record)) {
      const item = new vscode.TreeItem(isStartOrEnd(record) ? vscode.l10n.t('(Python starts or ends)') : vscode.l10n.t('(not read)'));
      item.id = `${source.id}/${func}`;
      item.iconPath = new vscode.ThemeIcon('question');
      item.description = this.#format.share(share);
      item.tooltip = isStartOrEnd(record)
        ? vscode.l10n.t('Before the program’s first line and after its last: Python starts, compiles the program, clears modules')
        : vscode.l10n.t('Stacks that changed while they were read: what was called here is not known');
      return item;
    }
    const item = new vscode.TreeItem(display.name);
    item.id = `${source.id}/${func}`;
    item.iconPath = new vscode.ThemeIcon('symbol-function');
    if (isNative(record)) {
      item.iconPath = new vscode.ThemeIcon('symbol-misc');
      item.description = vscode.l10n.t('{0} self · {1}', this.#format.share(share), baseName(file));
      const place = record.library === undefined ? file : `${file} (${record.library})`;
      item.tooltip = vscode.l10n.t('{0} self ({1}), {2}', this.#format.share(share), this.#format.time(self), place);
      return item;
    }
    const calls = source.profile.exactCounts?.of === 'calls' ? exactCount(source.profile, file, firstLine) : undefined;
    item.description = [
      vscode.l10n.t('{0} self · {1}:{2}', this.#format.share(share), baseName(display.file), firstLine),
      ...(calls === undefined ? [] : [vscode.l10n.t('{0} calls', this.#format.count(calls))]),
    ].join(' · ');
    item.tooltip = vscode.l10n.t('{0} self ({1}), {2}:{3}', this.#format.share(share), this.#format.time(self), display.file, firstLine);
    item.command = { command: 'heatline.openFrame', title: vscode.l10n.t('Open'), arguments: [source.id, file, firstLine] };
    return item;
  }
}

function historyItem(): vscode.TreeItem {
  const item = new vscode.TreeItem(vscode.l10n.t('History'), vscode.TreeItemCollapsibleState.Collapsed);
  item.id = 'history';
  item.contextValue = 'historyGroup';
  item.tooltip = vscode.l10n.t('Profiles of other windows, and of before');
  return item;
}

/** For menus: what can be pinned. */
function pinnedText(entry: HistoryEntry | undefined): string[] {
  return entry === undefined ? [] : [entry.isPinned ? 'pinned' : 'loose'];
}

function stateIcon(source: ProfileSource): vscode.ThemeIcon {
  if (!(source instanceof ProfileSession)) return new vscode.ThemeIcon('file');
  switch (source.state) {
    case 'starting':
      return new vscode.ThemeIcon('loading~spin');
    case 'running':
      return new vscode.ThemeIcon('flame', new vscode.ThemeColor('charts.red'));
    case 'paused':
      return new vscode.ThemeIcon('debug-pause', new vscode.ThemeColor('charts.yellow'));
    case 'ended':
      return source.failure === undefined
        ? new vscode.ThemeIcon('graph')
        : new vscode.ThemeIcon('warning', new vscode.ThemeColor('list.warningForeground'));
  }
}
