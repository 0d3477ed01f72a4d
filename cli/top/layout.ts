import type { LiveKind, LiveTimes } from '../../profile/live/liveTimes.ts';
import { rowOf, type RowTexts, sortedRows, type TopRow } from './rows.ts';
import { helpKeys, type Page, type SortKey, type TopState } from './state.ts';
import { fit } from './textWidth.ts';

/** A line of the screen, as wide as that. */
export interface ScreenLine {
  readonly text: string;
  readonly style?: 'bold' | 'inverse' | 'dim';
}

export interface Screen extends Page {
  readonly lines: readonly ScreenLine[];
  /** Where the rows that are shown begin: the state's `first`, where there are as many. */
  readonly first: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

const kindTitles: Record<LiveKind, string> = {
  function: 'Functions',
  line: 'Lines',
  module: 'Modules',
  thread: 'Threads',
  process: 'Processes',
};

const nameTitles: Record<LiveKind, string> = {
  function: 'Function (file:first line)',
  line: 'Function (file:line)',
  module: 'File',
  thread: 'Thread',
  process: 'Process',
};

interface Column {
  readonly title: string;
  readonly sort: SortKey | null;
  readonly width: number;
  /** Columns that the screen must have for it. */
  readonly from: number;
  readonly text: (row: TopRow) => string;
}

const columns: readonly Column[] = [
  { title: '%Own', sort: 'own', width: 7, from: 0, text: ({ own }) => percent(own) },
  { title: '%Total', sort: 'total', width: 8, from: 0, text: ({ total }) => percent(total) },
  { title: 'OwnTime', sort: 'ownTime', width: 9, from: 52, text: ({ ownTime }) => seconds(ownTime) },
  { title: 'TotalTime', sort: 'totalTime', width: 10, from: 52, text: ({ totalTime }) => seconds(totalTime) },
  { title: '%CPU', sort: null, width: 5, from: 70, text: ({ cpu }) => part(cpu) },
  { title: '%GIL', sort: null, width: 5, from: 70, text: ({ gil }) => part(gil) },
];

/**
 * What the screen shows: as many lines as it is high, each as wide as it is. Lines above the table are left out where there would be
 * no room for rows.
 * @param title what is looked at, without control characters
 */
export function screenOf(live: LiveTimes, texts: RowTexts, state: TopState, title: string, size: Size): Screen {
  const { width, height } = size;
  const all = sortedRows(live, texts, state);
  const head = headLines(live, state, title).slice(0, Math.max(0, height - 3));
  const header: ScreenLine = { text: headerText(state, width), style: 'inverse' };
  const shown = Math.max(0, height - head.length - (height > 1 ? 1 : 0) - (height > 2 ? 1 : 0));
  const first = Math.max(0, Math.min(state.first, all.length - shown));
  const rows = all.slice(first, first + shown).map((id): ScreenLine => {
    const row = rowOf(live, texts, state.kind, id);
    return { text: rowText(row, width), ...(row.total === 0 && row.own === 0 ? { style: 'dim' } : {}) };
  });
  const middle = state.isHelp ? helpLines(shown) : rows.length === 0 ? [{ text: emptyText(live, state) }] : rows;
  const body = Array.from({ length: shown }, (_, i): ScreenLine => middle[i] ?? { text: '' });
  const foot: ScreenLine = { text: footText(state, first, rows.length, all.length, width) };
  const lines = [...head, ...(height > 1 ? [header] : []), ...body, ...(height > 2 ? [foot] : [])].slice(0, height);
  return {
    lines: lines.map(({ text, style }) => ({ text: fit(text, width), ...(style === undefined ? {} : { style }) })),
    rows: all.length,
    shown,
    first,
  };
}

function headLines(live: LiveTimes, state: TopState, title: string): ScreenLine[] {
  const { quality, threads } = live.profile;
  const { window, onCpu, ready, gil, garbage, busyThreads } = live.states;
  const share = (time: number): string => `${window === 0 ? 0 : Math.round((100 * time) / window)} %`;
  const alive = threads.filter(({ endedAt }) => endedAt === undefined).length;
  const taken =
    quality.stops === 0 ? '' : `, took ${(100 * (quality.stoppedTime / Math.max(1, quality.elapsed))).toFixed(2)} % of its time`;
  const tabs = Object.entries(kindTitles).map(([kind, name]) => (kind === state.kind ? `[${name}]` : ` ${name} `));
  return [
    { text: `${state.isPaused ? 'PAUSED – ' : ''}${title}`, style: 'bold' },
    {
      text: `${Math.round(live.since / 1e6)} s, ${quality.samples} samples, ${quality.lost} lost, ${quality.partial} not read to their end${taken}`,
    },
    {
      text: `On CPU ${share(onCpu)}, ready ${share(ready)}, GIL ${share(gil)}, GC ${share(garbage)}; threads: ${alive}, ${busyThreads} busy`,
    },
    { text: `${tabs.join(' ')}${state.filter === '' ? '' : `  with “${state.filter}”`}` },
  ];
}

function shownColumns(width: number): readonly Column[] {
  return columns.filter(({ from }) => width >= from);
}

function headerText({ kind, sort }: TopState, width: number): string {
  const titles = shownColumns(width).map((column) => `${column.sort === sort ? '▼' : ''}${column.title}`.padStart(column.width));
  return `${titles.join('')}  ${nameTitles[kind]}`;
}

function rowText(row: TopRow, width: number): string {
  return `${shownColumns(width)
    .map((column) => column.text(row).padStart(column.width))
    .join('')}  ${row.text}`;
}

function emptyText(live: LiveTimes, { filter }: TopState): string {
  if (live.profile.version === 0) return '  Looking …';
  return filter === ''
    ? '  No thread ran Python. With -i, those that wait are shown, too.'
    : '  Nothing has that in its text. Escape clears the filter.';
}

function helpLines(room: number): ScreenLine[] {
  const lines = helpKeys.map(([key, does]): ScreenLine => ({ text: `  ${key.padEnd(14)} ${does}` }));
  return room >= lines.length + 2 ? [{ text: '' }, ...lines] : lines;
}

function footText({ isTyping, filter, isHelp }: TopState, first: number, shown: number, all: number, width: number): string {
  if (isTyping) return `Filter: ${filter}▏  Enter keeps it, Escape clears it`;
  if (isHelp) return 'Any key goes back.';
  const keys = 'q quit  ? help  1-4 sort  Tab view  / filter  Space pause  R reset';
  const where = all === 0 ? '' : `${first + 1}–${first + shown} of ${all}`;
  const gap = width - keys.length - where.length;
  return gap >= 2 ? `${keys}${' '.repeat(gap)}${where}` : keys;
}

function percent(share: number): string {
  return (100 * share).toFixed(share < 9.9995 ? 1 : 0);
}

function part(share: number | null): string {
  return share === null ? '' : (100 * share).toFixed(0);
}

/** In eight characters at most. */
export function seconds(time: number): string {
  if (time < 99.995) return `${time.toFixed(2)}s`;
  return time < 99_999 ? `${time.toFixed(time < 9999.95 ? 1 : 0)}s` : `${(time / 3600).toFixed(0)}h`;
}

const lineRows = 3;

/**
 * The latest second in one line, for what is no terminal: what threads did, and the first rows by the state's order.
 * @returns without a line feed
 */
export function lineOf(live: LiveTimes, texts: RowTexts, state: TopState): string {
  const { window, onCpu, gil, busyThreads } = live.states;
  const share = (time: number): string => `${window === 0 ? 0 : Math.round((100 * time) / window)} %`;
  const value = (row: TopRow): string =>
    state.sort === 'own' || state.sort === 'total' ? `${percent(row[state.sort])} %` : seconds(row[state.sort]);
  const rows = sortedRows(live, texts, state)
    .slice(0, lineRows)
    .map((id) => rowOf(live, texts, state.kind, id))
    .filter((row) => row[state.sort] > 0);
  const threads = live.profile.threads.filter(({ endedAt }) => endedAt === undefined).length;
  return [
    `${Math.round(live.since / 1e6)} s`,
    `CPU ${share(onCpu)}`,
    `GIL ${share(gil)}`,
    `${busyThreads} of ${threads} threads busy`,
    ...rows.map((row) => `${value(row)} ${row.text}`),
  ].join(' | ');
}
