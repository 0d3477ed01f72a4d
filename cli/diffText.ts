import type { DiffPlace } from '../profile/diff/diffKeys.ts';
import {
  type Change,
  type DiffRow,
  type LoneRow,
  type ProfileDiff,
  significanceLevel,
  type Slowdown,
} from '../profile/diff/profileDiff.ts';
import { styled } from './color.ts';
import { printable } from './taskText.ts';

export interface DiffTextOptions {
  readonly by: 'share' | 'seconds';
  readonly lines: boolean;
  /** Longest lists. */
  readonly limit: number;
  /** Also what chance may have made. */
  readonly all: boolean;
  /** As in DiffOptions. */
  readonly above?: number;
}

/** A comparison for people. */
export function diffText(diff: ProfileDiff, names: { readonly before: string; readonly after: string }, options: DiffTextOptions): string {
  const { by, limit, all, lines: byLine } = options;
  const number = (value: number): string => (by === 'share' ? `${(100 * value).toFixed(1)} %` : `${value.toFixed(2)} s`);
  const side = (title: string, name: string, { seconds, samples }: ProfileDiff['before']): string =>
    printable(`${title} ${name}: ${samples} samples, ${seconds.toFixed(2)} s of all threads`);
  const text = [side('BEFORE', names.before, diff.before), side('AFTER ', names.after, diff.after)];
  if (diff.program !== null) {
    const { before, after, isSignificant } = diff.program;
    text.push(
      `The program: ${number(before)} → ${number(after)} (${relative(before, after)})${isSignificant ? '' : ', which may be chance'}`,
    );
  }
  const what = byLine ? 'lines' : 'functions';
  for (const part of ['self', 'total'] as const) {
    const changed = diff.rows.filter((row) => row[part].before !== row[part].after && (all || row[part].isSignificant));
    const size = (row: DiffRow): number => Math.abs(row[part].after - row[part].before);
    changed.sort((a, b) => Number(b[part].isSignificant) - Number(a[part].isSignificant) || size(b) - size(a));
    for (const direction of ['slower', 'faster'] as const) {
      const rows = changed.filter((row) => row[part].after > row[part].before === (direction === 'slower'));
      if (rows.length === 0) continue;
      text.push('', title(`${direction === 'slower' ? 'Slower' : 'Faster'} ${what}, by ${part} ${by === 'share' ? 'share' : 'time'}`));
      text.push('    before     after    change');
      for (const row of rows.slice(0, limit)) text.push(changeLine(row[part], row.place, number));
      if (rows.length > limit) text.push(`  … ${rows.length - limit} more`);
    }
  }
  for (const [rows, name] of [
    [diff.onlyBefore, 'BEFORE'],
    [diff.onlyAfter, 'AFTER'],
  ] as const)
    addLone(text, all ? rows : rows.filter(({ isSignificant }) => isSignificant), `Only in ${name}`, limit, number);
  const unclear =
    diff.rows.filter(({ self, total }) => !self.isSignificant && !total.isSignificant).length +
    [...diff.onlyBefore, ...diff.onlyAfter].filter(({ isSignificant }) => !isSignificant).length;
  if (unclear > 0)
    text.push('', `Of ${unclear} ${what} the difference may be chance${all ? ': they are marked with ?' : '; --all lists them, too'}.`);
  if (options.above !== undefined) addSlower(text, diff.slower, options.above, limit, number);
  return `${text.join('\n')}\n`;
}

function changeLine({ before, after, isSignificant }: Change, place: DiffPlace, number: (value: number) => string): string {
  const change = `${after > before ? '+' : '−'}${number(Math.abs(after - before))}`;
  const cells = [number(before), number(after), change].map((cell) => cell.padStart(10)).join('');
  return `${cells}  ${relative(before, after).padStart(7)} ${isSignificant ? ' ' : '?'} ${placeText(place)}`;
}

function addLone(text: string[], rows: readonly LoneRow[], heading: string, limit: number, number: (value: number) => string): void {
  if (rows.length === 0) return;
  text.push('', title(`${heading}, without a counterpart`), '      self     total');
  for (const { self, total, place, isSignificant } of rows.slice(0, limit))
    text.push(`${number(self).padStart(10)}${number(total).padStart(10)} ${isSignificant ? ' ' : '?'} ${placeText(place)}`);
  if (rows.length > limit) text.push(`  … ${rows.length - limit} more`);
}

function addSlower(text: string[], slower: readonly Slowdown[], above: number, limit: number, number: (value: number) => string): void {
  const limitText = `${Number((100 * above).toFixed(3))} %`;
  text.push('');
  if (slower.length === 0) {
    text.push(`Nothing became slower by more than ${limitText}, as far as chance can be excluded.`);
    return;
  }
  text.push(title(`Slower by more than ${limitText}, which is not chance (${significanceLevel * 100} %)`));
  for (const { place, of, before, after } of slower.slice(0, limit)) {
    const name = place === null ? 'the program' : `${of} of ${placeText(place)}`;
    text.push(`  ${relative(before, after)}: ${name}, ${number(before)} → ${number(after)}`);
  }
  if (slower.length > limit) text.push(`  … ${slower.length - limit} more`);
}

function title(text: string): string {
  return styled('bold', text, 1);
}

function placeText({ function: name, file, line }: DiffPlace): string {
  return printable(`${name}${file === '' ? '' : ` (${file}${line === 0 ? '' : `:${line}`})`}`);
}

function relative(before: number, after: number): string {
  if (before === 0) return after === 0 ? '0 %' : 'from 0';
  const percent = (100 * (after - before)) / before;
  return Math.abs(percent) >= 1000
    ? `×${(after / before).toFixed(after / before < 100 ? 1 : 0)}`
    : `${percent > 0 ? '+' : ''}${percent.toFixed(0).replace('-', '−')} %`;
}
