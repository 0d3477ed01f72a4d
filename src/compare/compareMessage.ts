import type { DiffPlace } from '../../profile/diff/diffKeys.ts';
import { diffTree } from '../../profile/diff/diffTree.ts';
import { type DiffRanges, diffProfiles, type LoneRow, type ProfileDiff } from '../../profile/diff/profileDiff.ts';
import type { Profile } from '../../profile/profile.ts';
import type { CompareChange, CompareMessage, CompareQuery, CompareRow } from '../../webview/compareMessages.ts';

/** A profile that is compared, or a part of it. */
export interface ComparedSide {
  readonly title: string;
  readonly profile: Profile;
  /** µs since the session's start; undefined: all of it. */
  readonly range?: DiffRanges['rangeBefore'];
}

/** Boxes and rows told at most. */
const MAX_NODES = 50_000;
const MAX_ROWS = 5000;

export type ComparedProfiles = Omit<CompareMessage, 'type' | 'language' | 'translations'>;

/** What the page shows of two profiles. */
export function compareProfiles(before: ComparedSide, after: ComparedSide, query: CompareQuery): ComparedProfiles {
  const options = {
    by: query.by,
    idle: query.count !== 'running',
    gil: query.count === 'gil',
    rangeBefore: before.range,
    rangeAfter: after.range,
  };
  const diff = diffProfiles(before.profile, after.profile, { ...options, lines: query.lines });
  const { places, ...tree } = diffTree(before.profile, after.profile, options, MAX_NODES);
  const { rows, moreRows } = rowsOf(diff);
  return {
    query,
    before: { title: before.title, seconds: diff.before.seconds, samples: diff.before.samples },
    after: { title: after.title, seconds: diff.after.seconds, samples: diff.after.samples },
    program: diff.program,
    functions: {
      names: places.map((place) => place.function),
      files: places.map(({ file }) => file),
      firstLines: Int32Array.from(places, ({ line }) => line),
    },
    tree,
    rows,
    moreRows,
  };
}

/** The lines of AFTER whose times are others now, and that is more than chance. */
export function changedLines(before: ComparedSide, after: ComparedSide, query: CompareQuery): CompareRow[] {
  return compareRows(
    diffProfiles(before.profile, after.profile, {
      by: query.by,
      idle: query.count !== 'running',
      gil: query.count === 'gil',
      rangeBefore: before.range,
      rangeAfter: after.range,
      lines: true,
    }),
  ).filter((row) => row.onlyIn !== 'before' && row.line > 0 && isSure(row));
}

/** What is significant first, then what changed most. */
function rowsOf(diff: ProfileDiff): Pick<CompareMessage, 'rows' | 'moreRows'> {
  const size = ({ self, total }: CompareRow): number => Math.max(Math.abs(self.after - self.before), Math.abs(total.after - total.before));
  const rows = compareRows(diff).sort((a, b) => Number(isSure(b)) - Number(isSure(a)) || size(b) - size(a));
  return { rows: rows.slice(0, MAX_ROWS), moreRows: Math.max(0, rows.length - MAX_ROWS) };
}

function compareRows({ rows, onlyBefore, onlyAfter }: ProfileDiff): CompareRow[] {
  const placed = ({ function: name, file, line }: DiffPlace): Pick<CompareRow, 'name' | 'file' | 'line'> => ({ name, file, line });
  const change = ({ before, after, isSignificant }: CompareChange): CompareChange => ({ before, after, isSignificant });
  const lone =
    (onlyIn: 'before' | 'after') =>
    (row: LoneRow): CompareRow => {
      const only = (value: number): CompareChange => ({
        before: 0,
        after: 0,
        [onlyIn]: value,
        isSignificant: row.isSignificant && value > 0,
      });
      return { ...placed(row.place), self: only(row.self), total: only(row.total), onlyIn };
    };
  return [
    ...rows.map((row): CompareRow => ({ ...placed(row.place), self: change(row.self), total: change(row.total), onlyIn: null })),
    ...onlyBefore.map(lone('before')),
    ...onlyAfter.map(lone('after')),
  ];
}

function isSure({ self, total }: CompareRow): boolean {
  return self.isSignificant || total.isSignificant;
}
