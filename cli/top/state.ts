import { type LiveKind, liveKinds } from '../../profile/live/liveTimes.ts';
import type { Key, KeyName } from './keys.ts';

/** What rows are sorted by, in the order of their columns: now, and since the beginning. */
export const sortKeys = ['own', 'total', 'ownTime', 'totalTime'] as const;
export type SortKey = (typeof sortKeys)[number];

/** What the user chose to see. */
export interface TopState {
  readonly kind: LiveKind;
  readonly sort: SortKey;
  /** Rows have this in their text, in whatever case. */
  readonly filter: string;
  /** Keys go to the filter. */
  readonly isTyping: boolean;
  readonly isPaused: boolean;
  readonly isHelp: boolean;
  /** The first row that is shown. */
  readonly first: number;
}

export const initialState: TopState = {
  kind: 'function',
  sort: 'own',
  filter: '',
  isTyping: false,
  isPaused: false,
  isHelp: false,
  first: 0,
};

/** How many rows there are, and how many the screen has room for. */
export interface Page {
  readonly rows: number;
  readonly shown: number;
}

/** What a key asks of others than the picture. */
export type Effect = 'quit' | 'pause' | 'resume' | 'reset' | 'suspend' | 'redraw';

/** Rows that a turn of the wheel moves. */
const wheel = 3;
const longestFilter = 200;

const kindKeys: Readonly<Record<string, LiveKind>> = { f: 'function', m: 'module', t: 'thread', p: 'process' };

/** Keys as help lists them. The first ones are py-spy's. */
export const helpKeys: readonly (readonly [key: string, does: string])[] = [
  ['1', 'sort by %Own: time in the function itself, now'],
  ['2', 'sort by %Total: time in it and what it called, now'],
  ['3', 'sort by OwnTime: the same since the beginning'],
  ['4', 'sort by TotalTime'],
  ['L', 'lines, or functions again'],
  ['F M T P', 'functions, modules, threads, processes'],
  ['Tab', 'the next of these'],
  ['← →', 'sort by the column beside'],
  ['/', 'filter: Enter keeps it, Escape clears it'],
  ['↑ ↓ PgUp PgDn', 'scroll; also Home, End, K, J and the wheel'],
  ['Space', 'pause, and go on'],
  ['R', 'reset: forget what was until now'],
  ['Ctrl-Z', 'suspend'],
  ['Q, Ctrl-C', 'quit'],
];

/** What a key makes of what is shown. */
export function press(state: TopState, key: Key, page: Page): { readonly state: TopState; readonly effect?: Effect } {
  if ('name' in key && key.name === 'interrupt') return { state, effect: 'quit' };
  if ('name' in key && key.name === 'suspend') return { state, effect: 'suspend' };
  if ('name' in key && key.name === 'redraw') return { state, effect: 'redraw' };
  if (state.isHelp) return { state: { ...state, isHelp: false }, ...(textOf(key) === 'q' ? { effect: 'quit' } : {}) };
  const scrolled = 'name' in key ? scroll(state, key.name, page) : null;
  if (scrolled !== null) return { state: scrolled };
  if (state.isTyping) return { state: type(state, key) };
  if ('name' in key) return { state: pressNamed(state, key.name) };
  const text = textOf(key);
  const sort = sortKeys[Number(text) - 1];
  if (sort !== undefined) return { state: { ...state, sort, first: 0 } };
  const kind = kindKeys[text];
  if (kind !== undefined) return { state: { ...state, kind, first: 0 } };
  switch (text) {
    case 'l':
      return { state: { ...state, kind: state.kind === 'line' ? 'function' : 'line', first: 0 } };
    case '/':
      return { state: { ...state, isTyping: true } };
    case ' ':
      return { state: { ...state, isPaused: !state.isPaused }, effect: state.isPaused ? 'resume' : 'pause' };
    case 'r':
      return { state: { ...state, first: 0 }, effect: 'reset' };
    case '?':
    case 'h':
      return { state: { ...state, isHelp: true } };
    case 'j':
      return { state: scroll(state, 'down', page)! };
    case 'k':
      return { state: scroll(state, 'up', page)! };
    case 'q':
      return { state, effect: 'quit' };
    default:
      return { state };
  }
}

function textOf(key: Key): string {
  return 'text' in key ? key.text.toLowerCase() : '';
}

function scroll(state: TopState, name: KeyName, { rows, shown }: Page): TopState | null {
  const last = Math.max(0, rows - shown);
  const page = Math.max(1, shown - 1);
  const steps: Partial<Record<KeyName, number>> = {
    up: -1,
    down: 1,
    pageUp: -page,
    pageDown: page,
    wheelUp: -wheel,
    wheelDown: wheel,
    home: -Infinity,
    end: Infinity,
  };
  const step = steps[name];
  return step === undefined ? null : { ...state, first: Math.max(0, Math.min(last, state.first + step)) };
}

function type(state: TopState, key: Key): TopState {
  const filtered = (filter: string): TopState => ({ ...state, filter: filter.slice(0, longestFilter), first: 0 });
  if ('text' in key) return filtered(state.filter + key.text);
  switch (key.name) {
    case 'backspace':
      return filtered(state.filter.replace(/.$/su, ''));
    case 'clear':
      return filtered('');
    case 'enter':
      return { ...state, isTyping: false };
    case 'escape':
      return { ...filtered(''), isTyping: false };
    default:
      return state;
  }
}

function pressNamed(state: TopState, name: KeyName): TopState {
  const beside = <T>(all: readonly T[], one: T, step: number): T => all[(all.indexOf(one) + step + all.length) % all.length]!;
  switch (name) {
    case 'tab':
      return { ...state, kind: beside(liveKinds, state.kind, 1), first: 0 };
    case 'backTab':
      return { ...state, kind: beside(liveKinds, state.kind, -1), first: 0 };
    case 'right':
      return { ...state, sort: beside(sortKeys, state.sort, 1), first: 0 };
    case 'left':
      return { ...state, sort: beside(sortKeys, state.sort, -1), first: 0 };
    case 'escape':
      return { ...state, filter: '', first: 0 };
    default:
      return state;
  }
}
