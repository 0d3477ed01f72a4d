import { processOfNode } from '../../profile/callTree.ts';
import { t } from '../l10n.ts';
import type { Functions } from '../model/functions.ts';
import type { NodePath } from '../query.ts';
import { isOnlyMine, stepsFrom, toggledOnlyMine } from '../model/steps.ts';
import type { TableFormat } from '../model/tableText.ts';
import type { Store } from '../model/store.ts';
import type { MenuItem } from './menu.ts';

export interface FrameMenuActions {
  /** None where no editor is. */
  readonly openSource?: () => void;
  readonly zoom: () => void;
  readonly reset: () => void;
  readonly highlight: (func: number) => void;
  /** @param process id */
  readonly only: (process: number) => void;
  /** Steps to take from it. */
  readonly steps: readonly MenuItem[];
}

/** Steps as items of a menu. */
export function stepItems(store: Store, func: number, path: NodePath | undefined): readonly MenuItem[] {
  return [
    ...stepsFrom(store.query, store.functions, func, path).map(({ label, key, change }, at) => ({
      label,
      key,
      separated: at === 0,
      action: () => store.ask(change),
    })),
    ...(store.functions.has(func) ? [{ label: t('Show Callers and Callees'), key: 'W', action: () => store.ask({ sandwich: func }) }] : []),
    {
      label: isOnlyMine(store.query) ? t('Show All Code') : t('Only My Code'),
      key: 'O',
      action: () => store.ask(toggledOnlyMine(store.query)),
    },
  ];
}

/** What can be done with a box. */
export function frameMenu(func: number, functions: Functions, path: NodePath, actions: FrameMenuActions): readonly MenuItem[] {
  const zoom: MenuItem[] = [
    { label: t('Zoom to Box'), key: 'Z', action: actions.zoom },
    { label: t('Show Everything'), key: '0', action: actions.reset },
  ];
  const process = processOfNode(func);
  if (process !== undefined) return [{ label: t('Show Only This Process'), action: () => actions.only(process) }, ...zoom];
  if (func < 0) return zoom;
  return [
    ...sourceItem(func, functions, actions.openSource),
    ...zoom,
    ...actions.steps,
    { separated: true, label: t('Highlight All Calls of This Function'), action: () => actions.highlight(func) },
    { label: t('Copy Name'), key: t('Ctrl+C'), action: () => copy(functions.name(func)) },
    { label: t('Copy Stack'), action: () => copy(stackText(functions, path)) },
  ];
}

export interface RowMenuActions {
  /** None where no editor is. */
  readonly openSource?: () => void;
  /** None where the picture has no box of it. */
  readonly zoom?: () => void;
  readonly steps: readonly MenuItem[];
  readonly tableText: (as: TableFormat) => string;
}

/** What can be done with a row of the table. */
export function rowMenu(func: number, functions: Functions, actions: RowMenuActions): readonly MenuItem[] {
  return [
    ...sourceItem(func, functions, actions.openSource),
    ...(actions.zoom === undefined ? [] : [{ label: t('Zoom to Its Largest Box'), action: actions.zoom }]),
    ...actions.steps,
    ...copyItems(functions.name(func), actions.tableText),
  ];
}

/** What of a table can be copied: the name in a row, and all of it. */
export function copyItems(name: string, tableText: (as: TableFormat) => string): readonly MenuItem[] {
  return [
    { separated: true, label: t('Copy Name'), action: () => copy(name) },
    { label: t('Copy Table as Text'), action: () => copy(tableText('text')) },
    { label: t('Copy Table as CSV'), action: () => copy(tableText('csv')) },
    { label: t('Copy Table as Markdown'), action: () => copy(tableText('markdown')) },
  ];
}

export function sourceItem(func: number, functions: Functions, action: (() => void) | undefined): readonly MenuItem[] {
  return action === undefined || !functions.hasSource(func) ? [] : [{ label: t('Go to Source'), key: t('Enter'), action }];
}

/** A line per call, as Python prints a stack: the innermost last. */
function stackText(functions: Functions, path: NodePath): string {
  const lines: string[] = [];
  for (let step = 0; step + 1 < path.length; step += 2) {
    const func = path[step]!;
    if (func < 0) continue; // a process
    const place = functions.isNotRead(func) ? '' : ` (${functions.place(func, path[step + 1]! || functions.firstLine(func))})`;
    lines.push(`${functions.name(func)}${place}`);
  }
  return lines.join('\n');
}

function copy(text: string): void {
  // Refused when the page has no focus: then nothing was copied, as with any copy command.
  navigator.clipboard.writeText(text).catch(() => undefined);
}
