import { FOLDED } from '../../profile/weighedStacks.ts';
import { t } from '../l10n.ts';
import type { FunctionColumns } from '../messages.ts';
import { type NumberFormat, share } from './format.ts';
import type { Functions } from './functions.ts';

export type TableFormat = 'text' | 'csv' | 'markdown';

/**
 * Rows of the table as a text to hand on: aligned, as CSV (RFC 4180; numbers as programs read them, times in seconds, shares from 0 to 1), or
 * as a table in Markdown.
 * @param rows positions in the columns
 * @param whole µs that shares are of
 */
export function tableText(
  as: TableFormat,
  rows: Int32Array,
  columns: FunctionColumns,
  functions: Functions,
  format: NumberFormat,
  whole: number,
): string {
  const exact = as === 'csv';
  const time = (microseconds: number): string => (exact ? String(microseconds / 1e6) : format.time(microseconds));
  const part = (microseconds: number): string => {
    const value = share(microseconds, whole);
    return exact ? value.toFixed(6) : format.percent(value);
  };
  const cells = Array.from(rows, (row) => {
    const func = columns.func[row]!;
    const [self, total] = [columns.self[row]!, columns.total[row]!];
    const place = func >= FOLDED ? '' : functions.file(func);
    const line = columns.line[row]! || functions.firstLine(func);
    return [
      time(self),
      part(self),
      time(total),
      part(total),
      exact ? String(columns.samples[row]!) : format.count(columns.samples[row]!),
      functions.name(func),
      place,
      line === 0 ? '' : String(line),
    ];
  });
  const header = [
    exact ? t('Self (s)') : t('Self'),
    t('Self share'),
    exact ? t('Total (s)') : t('Total'),
    t('Total share'),
    t('Samples'),
    t('Function'),
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
