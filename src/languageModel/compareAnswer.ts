import type { DiffPlace } from '../../profile/diff/diffKeys.ts';
import { type Change, type DiffRow, type LoneRow, type ProfileDiff, significanceLevel } from '../../profile/diff/profileDiff.ts';
import { type Answer, code, percent } from './answer.ts';
import { placeText } from './reportAnswer.ts';
import type { CompareInput } from './toolInput.ts';

/** What is said besides what was compared. */
export interface CompareFacts extends Pick<CompareInput, 'by' | 'lines' | 'count' | 'limit'> {
  readonly before: { readonly id: string; readonly title: string };
  readonly after: { readonly id: string; readonly title: string };
  /** Sentences. */
  readonly notes: readonly string[];
  /** A file where it is on this machine. */
  readonly fileOf: (place: DiffPlace) => string;
}

/** Changes of each kind that the summary has. */
const summed = 3;
const parts = ['self', 'total'] as const;
const directions = ['slower', 'faster'] as const;
type Part = (typeof parts)[number];
type Direction = (typeof directions)[number];

/** What became slower and faster, as far as it is not chance. */
export function compareAnswer(diff: ProfileDiff, facts: CompareFacts): Answer {
  const { by, lines, limit, notes, fileOf } = facts;
  const what = lines ? 'lines' : 'functions';
  const number = (value: number): string => (by === 'share' ? percent(value) : `${value.toFixed(2)} s`);
  const placed = (place: DiffPlace): DiffPlace => ({ ...place, file: fileOf(place) });
  const changes = (part: Part, direction: Direction): readonly DiffRow[] => {
    const size = (row: DiffRow): number => (row[part].after - row[part].before) * (direction === 'slower' ? 1 : -1);
    return diff.rows.filter((row) => row[part].isSignificant && size(row) > 0).sort((a, b) => size(b) - size(a));
  };
  const summary = [
    `${code(facts.before.title)} → ${code(facts.after.title)}: ${diff.before.samples} and ${diff.after.samples} samples that count, ` +
      `${diff.before.seconds.toFixed(2)} s and ${diff.after.seconds.toFixed(2)} s of all threads. ` +
      (by === 'share' ? 'Shares of that time are compared.' : 'Seconds are compared, as of programs that did the same work.'),
    ...(diff.program === null ? [] : [`The program: ${changeText(diff.program, number)}.`]),
  ];
  const shown = new Map<string, readonly DiffRow[]>();
  for (const part of parts)
    for (const direction of directions) {
      const rows = changes(part, direction);
      shown.set(`${part}-${direction}`, rows);
      if (rows.length > 0) summary.push(`${direction === 'slower' ? 'Slower' : 'Faster'} ${what} by ${part} time:`);
      for (const row of rows.slice(0, summed)) summary.push(`- ${code(placeText(placed(row.place)))}: ${changeText(row[part], number)}`);
    }
  const isSure = ({ self, total }: DiffRow): boolean => self.isSignificant || total.isSignificant;
  const lone = [diff.onlyBefore, diff.onlyAfter].map((rows) => rows.filter(({ isSignificant }) => isSignificant)) as [LoneRow[], LoneRow[]];
  const unclear =
    diff.rows.filter((row) => !isSure(row)).length + diff.onlyBefore.length + diff.onlyAfter.length - lone[0].length - lone[1].length;
  for (const [i, when] of (['before', 'after'] as const).entries())
    if (lone[i]!.length > 0)
      summary.push(
        `Only ${when}: ${lone[i]!.slice(0, summed)
          .map(({ place, total }) => `${code(placeText(placed(place)))} (${number(total)} total)`)
          .join(', ')}`,
      );
  if (!diff.rows.some(isSure) && lone[0].length + lone[1].length === 0)
    summary.push('No difference that is more than chance: there may be none, or the measurements were too short to show it.');
  summary.push(...notes);
  const loneData = (rows: readonly LoneRow[]): object[] =>
    rows.slice(0, limit).map(({ place, self, total }) => ({ ...placed(place), self: digits(self), total: digits(total) }));
  const rowData = (part: Part, direction: Direction): object[] =>
    shown
      .get(`${part}-${direction}`)!
      .slice(0, limit)
      .map((row) => ({ ...placed(row.place), ...changeData(row[part]) }));
  return {
    summary: summary.join('\n'),
    data: {
      before: { ...facts.before, ...side(diff.before) },
      after: { ...facts.after, ...side(diff.after) },
      by,
      of: what,
      count: facts.count,
      level: significanceLevel,
      program: diff.program === null ? null : { ...changeData(diff.program), isSignificant: diff.program.isSignificant },
      self: { slower: rowData('self', 'slower'), faster: rowData('self', 'faster') },
      total: { slower: rowData('total', 'slower'), faster: rowData('total', 'faster') },
      onlyBefore: loneData(lone[0]),
      onlyAfter: loneData(lone[1]),
      moreThanListed: [...[...shown.values()], ...lone].reduce((sum, rows) => sum + Math.max(0, rows.length - limit), 0),
      maybeChance: unclear,
      notes,
    },
  };
}

function side({ seconds, samples }: ProfileDiff['before']): object {
  return { seconds: digits(seconds), samples };
}

function changeText({ before, after, isSignificant }: Change, number: (value: number) => string): string {
  return `${number(before)} → ${number(after)}${isSignificant ? '' : ', which may be chance'}`;
}

function changeData({ before, after, chance }: Change): object {
  return { before: digits(before), after: digits(after), chance: Number(chance.toPrecision(2)) };
}

/** Shares to a ten thousandth, seconds to a tenth of a millisecond. */
function digits(value: number): number {
  return Number(value.toFixed(4));
}
