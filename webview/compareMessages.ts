/**
 * What the host (src/compare) and the page say to each other when two profiles are compared. The page says `ready`; the first
 * message that it hears tells it what it is, this or a profile of its own (messages.ts).
 */

/** What is compared, and how. */
export interface CompareQuery {
  /** What times are compared in. */
  readonly by: 'share' | 'seconds';
  /** The table has lines, not functions. */
  readonly lines: boolean;
  /** Which threads count: those that run or could run, those that hold the GIL, or all. */
  readonly count: 'running' | 'gil' | 'all';
}

export const compareCounts = ['running', 'gil', 'all'] as const satisfies readonly CompareQuery['count'][];

/** All there is to show; another query is answered with another one. */
export interface CompareMessage {
  readonly type: 'compare';
  /** BCP 47 tag for numbers. */
  readonly language: string;
  /** Translations by English text; empty for English. */
  readonly translations: Readonly<Record<string, string>>;
  readonly query: CompareQuery;
  readonly before: CompareSide;
  readonly after: CompareSide;
  /** All that counts, in seconds; null where shares are compared. */
  readonly program: CompareChange | null;
  readonly functions: CompareFunctions;
  readonly tree: CompareTree;
  readonly rows: readonly CompareRow[];
  /** Rows that are not there, for there are more than can be told. */
  readonly moreRows: number;
}

export interface CompareSide {
  readonly title: string;
  readonly seconds: number;
  readonly samples: number;
}

/** In shares of 0 to 1, or seconds. */
export interface CompareChange {
  readonly before: number;
  readonly after: number;
  /** Chance would hardly make it look so. */
  readonly isSignificant: boolean;
}

/** Functions of either profile, by their ids in the tree and the rows. */
export interface CompareFunctions {
  readonly names: readonly string[];
  readonly files: readonly string[];
  readonly firstLines: Int32Array;
}

/** DiffTree of profile/diff/diffTree.ts; `func` indexes the functions. */
export interface CompareTree {
  readonly parent: Int32Array;
  readonly func: Int32Array;
  readonly selfBefore: Float64Array;
  readonly selfAfter: Float64Array;
  readonly totalBefore: Float64Array;
  readonly totalAfter: Float64Array;
  readonly isSignificant: Uint8Array;
  readonly hiddenNodes: number;
}

/** A function, or a line. */
export interface CompareRow {
  readonly name: string;
  readonly file: string;
  /** 0: not known. */
  readonly line: number;
  readonly self: CompareChange;
  readonly total: CompareChange;
  /** The one profile that has it. */
  readonly onlyIn: 'before' | 'after' | null;
}

export type ComparePageMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'compareQuery'; readonly query: CompareQuery }
  /** Compares the other way round. */
  | { readonly type: 'swap' }
  /** Shows a line in the editor. */
  | { readonly type: 'openPlace'; readonly file: string; readonly line: number };
