import { FOLDED } from '../../profile/weighedStacks.ts';
import { t } from '../l10n.ts';
import type { FunctionColumns } from '../messages.ts';
import { type NumberFormat, share } from './format.ts';
import type { Functions } from './functions.ts';

export type TableFormat = 'text' | 'csv' | 'markdown';

/** A row of a table to hand on. */
export interface TextRow {
  /** µs; undefined where it would mean something else. */
  readonly self: number | undefined;
  /** µs */
  readonly total: number;
  readonly samples: number;
  readonly name: string;
  /** Empty where there is none. */
  readonly file: string;
  /** 0 where there is none. */
  readonly line: number;
  /** How far the name is indented: in trees, by how many callers. */
  readonly indent?: number;
}

/** @param rows positions in the columns */
export function functionTextRows(rows: Int32Array, { func, line, self, total, samples }: FunctionColumns, functions: Functions): TextRow[] {
  return Array.from(rows, (row) => ({
    self: self[row]!,
    total: total[row]!,
    samples: samples[row]!,
    name: functions.name(func[row]!),
    file: func[row]! >= FOLDED ? '' : functions.file(func[row]!),
    line: line[row]! || functions.firstLine(func[row]!),
  }));
}

/**
 * Rows of a table as a text to hand on: aligned, as CSV (RFC 4180; numbers as programs read them, times in seconds, shares from 0 to 1), or
 * as a table in Markdown.
 * @param nameTitle of the column of names
 * @param whole µs that shares are of
 */
export function tableText(as: TableFormat, nameTitle: string, rows: readonly TextRow[], format: NumberFormat, whole: number): string {
  const exact = as === 'csv';
  const time = (microseconds: number | undefined): string =>
    microseconds === undefined ? '' : exact ? String(microseconds / 1e6) : format.time(microseconds);
  const part = (microseconds: number | undefined): string => {
    if (microseconds === undefined) return '';
    const value = share(microseconds, whole);
    return exact ? value.toFixed(6) : format.percent(value);
  };
  // Markdown takes spaces at the beginning away.
  const indent = as === 'markdown' ? '\u00A0\u00A0' : '  ';
  const cells = rows.map(({ self, total, samples, name, file, line, indent: depth = 0 }) => [
    time(self),
    part(self),
    time(total),
    part(total),
    exact ? String(samples) : format.count(samples),
    indent.repeat(depth) + name,
    file,
    line === 0 ? '' : String(line),
  ]);
  const header = [
    exact ? t('Self (s)') : t('Self'),
    t('Self share'),
    exact ? t('Total (s)') : t('Total'),
    t('Total share'),
    t('Samples'),
    nameTitle,
    t('File'),
    t('Line'),
  ];
  switch (as) {
    case 'csv':
      return [header, ...cells].map((row) => row.map(csvCell).join(',')).join('\r\n') + '\r\n';
    case 'markdown':
      return (
        [
          header,
          header.map((_, at) => (at < NUMBERS || at === header.length - 1 ? '---:' : '---')),
          ...cells.map((row) => row.map(markdownCell)),
        ]
          .map((row) => `| ${row.join(' | ')} |`)
          .join('\n') + '\n'
      );
    case 'text': {
      const all = [header, ...cells];
      const widths = header.map((_, at) => Math.max(...all.map((row) => row[at]!.length)));
      return (
        all
          .map((row) =>
            row
              .map((cell, at) => pad(cell, widths[at]!, at))
              .join('  ')
              .trimEnd(),
          )
          .join('\n') + '\n'
      );
    }
  }
}

/** The first columns are numbers, and stand at the right. */
const NUMBERS = 5;

function pad(cell: string, width: number, column: number): string {
  return column < NUMBERS ? cell.padStart(width) : cell.padEnd(width);
}

/** Quoted where it must be; and what spreadsheets would take for a formula begins with an apostrophe, as files may be called anything. */
function csvCell(cell: string): string {
  const safe = /^[=+@]|^-(?!\d)/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function markdownCell(cell: string): string {
  return cell.replaceAll(/[\\|<>_*`]/g, '\\$&').replaceAll(/[\r\n]+/g, ' ');
}
