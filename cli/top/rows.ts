import type { LiveKind, LiveTimes } from '../../profile/live/liveTimes.ts';
import { printable } from '../taskText.ts';
import type { SortKey, TopState } from './state.ts';

/** A row of the table: shares are of the time looked, so that two threads at once make 2; seconds since the beginning. */
export interface TopRow {
  readonly text: string;
  readonly own: number;
  readonly total: number;
  readonly ownTime: number;
  readonly totalTime: number;
  /** Of its total now, 0 to 1; null: there was none. */
  readonly cpu: number | null;
  readonly gil: number | null;
}

/** Longest name that is shown, characters. */
const longestText = 500;

/** What rows are called. What targets name has nothing in it that steers a terminal. */
export class RowTexts {
  readonly #live: LiveTimes;
  readonly #fileName: (file: string) => string;
  /** Those that don't change. */
  readonly #known: Record<'function' | 'line' | 'module', string[]> = { function: [], line: [], module: [] };

  /** @param fileName what to call files */
  constructor(live: LiveTimes, fileName: (file: string) => string) {
    this.#live = live;
    this.#fileName = fileName;
  }

  text(kind: LiveKind, row: number): string {
    if (kind === 'thread' || kind === 'process') return clean(kind === 'thread' ? this.#thread(row) : this.#process(row));
    return (this.#known[kind][row] ??= clean(this.#place(kind, row)));
  }

  #place(kind: 'function' | 'line' | 'module', row: number): string {
    const { name, file, line } = this.#live.place(kind, row);
    if (kind === 'module') return file === '' ? '(no file)' : this.#fileName(file);
    return file === '' ? name : `${name} (${this.#fileName(file)}${line === 0 ? '' : `:${line}`})`;
  }

  #thread(row: number): string {
    const { threads, processes } = this.#live.profile;
    const { name, osThreadId, process, endedAt } = threads[row]!;
    const where = processes.length > 1 ? ` of process ${processes[process]!.pid}` : '';
    return `${name === '' ? 'Thread' : name} (${osThreadId})${where}${endedAt === undefined ? '' : ', ended'}`;
  }

  #process(row: number): string {
    const { pid, name, commandLine } = this.#live.profile.processes[row]!;
    return `${pid} ${name}${commandLine.length === 0 ? '' : `: ${commandLine.join(' ')}`}`;
  }
}

function clean(text: string): string {
  return printable(text.length > longestText ? `${text.slice(0, longestText)}…` : text);
}

/** Rows that pass the filter, in order. */
export function sortedRows(live: LiveTimes, texts: RowTexts, { kind, sort, filter }: Pick<TopState, 'kind' | 'sort' | 'filter'>): number[] {
  const { now, since } = live.tallies[kind];
  const { threads } = live.profile;
  const wanted = filter.toLowerCase();
  const rows: number[] = [];
  for (let row = 0; row < live.length(kind); row++) {
    const isThere = since.total[row]! > 0 || since.own[row]! > 0 || (kind === 'thread' && threads[row]!.endedAt === undefined);
    if (!isThere && kind !== 'process') continue;
    if (wanted === '' || texts.text(kind, row).toLowerCase().includes(wanted)) rows.push(row);
  }
  const columns: Record<SortKey, Float64Array> = { own: now.own, total: now.total, ownTime: since.own, totalTime: since.total };
  const order = [columns[sort], sort === 'ownTime' ? since.total : now.total, now.own, since.own, since.total];
  return rows.sort((a, b) => {
    for (const column of order) if (column[a] !== column[b]) return column[b]! - column[a]!;
    return a - b;
  });
}

export function rowOf(live: LiveTimes, texts: RowTexts, kind: LiveKind, row: number): TopRow {
  const { now, since } = live.tallies[kind];
  const { window } = live.states;
  const share = (time: number): number => (window === 0 ? 0 : Math.max(0, time) / window);
  const total = now.total[row]!;
  const part = (time: number): number | null => (total > 0 ? Math.min(1, time / total) : null);
  return {
    text: texts.text(kind, row),
    own: share(now.own[row]!),
    total: share(total),
    ownTime: Math.max(0, since.own[row]!) / 1e6,
    totalTime: since.total[row]! / 1e6,
    cpu: part(now.cpu[row]!),
    gil: part(now.gil[row]!),
  };
}
