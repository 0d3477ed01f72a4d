import type { Profile } from '../profile.ts';
import { type DiffPlace, functionKeys, lineKeys } from './diffKeys.ts';
import { type DiffSide, Measured, type MeasuredOptions } from './measured.ts';
import { adjusted, chanceOfChange, chanceOfMore, type Count } from './significance.ts';

export interface DiffOptions extends Omit<MeasuredOptions, 'range'>, DiffRanges {
  /** By how much something must have become slower to be among `slower`; 0.1: by a tenth. */
  readonly above?: number;
}

/** Which parts of the profiles are compared: all of them, unless told. */
export interface DiffRanges {
  readonly rangeBefore?: MeasuredOptions['range'] | undefined;
  readonly rangeAfter?: MeasuredOptions['range'] | undefined;
}

/** A change is significant where chance would make any of all that is tested look so more rarely than this. */
export const significanceLevel = 0.01;

/** A time before and after: shares of 0 to 1, or seconds. */
export interface Change {
  readonly before: number;
  readonly after: number;
  /** How probable that is by chance, for all that is tested together. */
  readonly chance: number;
  readonly isSignificant: boolean;
}

/** What is in both profiles. */
export interface DiffRow {
  /** As AFTER has it, and as BEFORE. */
  readonly place: DiffPlace;
  readonly placeBefore: DiffPlace;
  readonly self: Change;
  readonly total: Change;
}

/** What is in one profile alone. */
export interface LoneRow {
  readonly place: DiffPlace;
  readonly self: number;
  readonly total: number;
  /** As in Change: how probable it is by chance that its total is in one profile alone. */
  readonly chance: number;
  readonly isSignificant: boolean;
}

/** What became slower by more than was allowed. */
export interface Slowdown {
  /** Null: the whole program. */
  readonly place: DiffPlace | null;
  readonly of: 'self' | 'total';
  readonly before: number;
  readonly after: number;
  /** How probable so much is by chance if it had become slower by no more than that, for all that is tested together. */
  readonly chance: number;
}

export interface ProfileDiff {
  readonly before: DiffSide;
  readonly after: DiffSide;
  /** All that counts, in seconds; null where shares are compared. */
  readonly program: Change | null;
  readonly rows: readonly DiffRow[];
  /** What has no counterpart, most self time first. */
  readonly onlyBefore: readonly LoneRow[];
  readonly onlyAfter: readonly LoneRow[];
  /** Empty unless `above` is given; what has no counterpart is never among them. */
  readonly slower: readonly Slowdown[];
}

/** What is tested: a time of something, in both profiles. */
interface Tested {
  /** -1: the program. */
  readonly key: number;
  readonly of: 'self' | 'total';
  readonly before: Count;
  readonly after: Count;
  /** Of a total that is in one profile alone; such have no self tested. */
  readonly onlyIn?: 'before' | 'after';
}

/**
 * What became slower or faster from one profile to the other, by function or line. Functions are matched by name and file
 * (`matchFunctions`), lines by their function and how far they are from its first line.
 *
 * Whether a change is more than chance is told from numbers of samples (`chanceOfChange`), for self and total of all functions at once
 * (`adjusted`): it says what the choice of the instants that were looked at can't explain. How much a program differs from run to run
 * no single profile knows.
 */
export function diffProfiles(before: Profile, after: Profile, options: DiffOptions): ProfileDiff {
  const keys = (options.lines ? lineKeys : functionKeys)(before, after);
  const { rangeBefore, rangeAfter } = options;
  const one = new Measured(before, keys.before, keys.length, { ...options, range: rangeBefore });
  const other = new Measured(after, keys.after, keys.length, { ...options, range: rangeAfter });
  const tested: Tested[] = options.by === 'seconds' ? [{ key: -1, of: 'total', before: one.all, after: other.all }] : [];
  for (let key = 0; key < keys.length; key++) {
    const add = (of: Tested['of'], onlyIn?: 'before' | 'after'): unknown =>
      tested.push({ key, of, before: one.count(key, of), after: other.count(key, of), ...(onlyIn === undefined ? {} : { onlyIn }) });
    if (one.has(key) && other.has(key)) {
      add('self');
      add('total');
    } else if (one.has(key)) add('total', 'before');
    else if (other.has(key)) add('total', 'after');
  }
  const changes = changesOf(tested);
  const rows: DiffRow[] = [];
  const lone: Record<'before' | 'after', LoneRow[]> = { before: [], after: [] };
  tested.forEach(({ key, of, onlyIn }, i) => {
    const { chance, isSignificant, ...times } = changes[i]!;
    if (onlyIn !== undefined) {
      const self = rate((onlyIn === 'before' ? one : other).count(key, 'self'));
      lone[onlyIn].push({ place: keys[onlyIn].place(key)!, self, total: times[onlyIn], chance, isSignificant });
    } else if (key >= 0 && of === 'self') {
      rows.push({ place: keys.after.place(key)!, placeBefore: keys.before.place(key)!, self: changes[i]!, total: changes[i + 1]! });
    }
  });
  const bySelf = (a: LoneRow, b: LoneRow): number => b.self - a.self || b.total - a.total;
  return {
    before: one.side,
    after: other.side,
    program: options.by === 'seconds' ? changes[0]! : null,
    rows,
    onlyBefore: lone.before.sort(bySelf),
    onlyAfter: lone.after.sort(bySelf),
    slower: options.above === undefined ? [] : slowdowns(tested, options.above, (key) => keys.after.place(key)),
  };
}

function changesOf(tested: readonly Tested[]): Change[] {
  const chances = adjusted(tested.map(({ before, after }) => chanceOfChange(before, after)));
  return tested.map(({ before, after }, i) => {
    return { before: rate(before), after: rate(after), chance: chances[i]!, isSignificant: chances[i]! < significanceLevel };
  });
}

function slowdowns(all: readonly Tested[], above: number, placeOf: (key: number) => DiffPlace | null): Slowdown[] {
  const tested = all.filter(({ onlyIn }) => onlyIn === undefined);
  const chances = adjusted(tested.map(({ before, after }) => chanceOfMore(before, after, 1 + above)));
  return tested
    .map(({ key, of, before, after }, i): Slowdown => {
      return { place: key < 0 ? null : placeOf(key), of, before: rate(before), after: rate(after), chance: chances[i]! };
    })
    .filter(({ chance }) => chance < significanceLevel)
    .sort((a, b) => b.after - b.before - (a.after - a.before));
}

/** In shares or seconds. */
function rate({ count, exposure }: Count): number {
  return exposure > 0 ? count / exposure : 0;
}
