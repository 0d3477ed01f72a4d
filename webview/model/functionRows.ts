import type { FunctionColumns } from '../messages.ts';
import { type Functions, type FunctionSet, isIn } from './functions.ts';

export type SortKey = 'self' | 'total' | 'name';

export interface Sort {
  readonly key: SortKey;
  readonly descending: boolean;
}

export const DEFAULT_SORT: Sort = { key: 'self', descending: true };

/** What a click on a column's header sorts by: numbers start with the largest, names with A. */
export function sortAfterClick(sort: Sort, key: SortKey): Sort {
  return { key, descending: sort.key === key ? !sort.descending : key !== 'name' };
}

const collator = new Intl.Collator(undefined, { numeric: true });

/**
 * The rows of the table in order, as positions in the columns. Equal rows stay in order of their
 * function id and line, so that a live table does not flicker.
 * @param matching those to show; undefined for all
 */
export function functionRows(columns: FunctionColumns, functions: Functions, sort: Sort, matching: FunctionSet | undefined): Int32Array {
  const { func, line } = columns;
  const byId = (a: number, b: number): number => func[a]! - func[b]! || line[a]! - line[b]!;
  const rows = Int32Array.from(func.keys()).filter(
    (row) => functions.has(func[row]!) && (matching === undefined || isIn(matching, func[row]!)),
  );
  const direction = sort.descending ? -1 : 1;
  if (sort.key === 'name') {
    return rows.sort((a, b) => direction * collator.compare(functions.name(func[a]!), functions.name(func[b]!)) || byId(a, b));
  }
  const values = columns[sort.key];
  return rows.sort((a, b) => direction * (values[a]! - values[b]!) || byId(a, b));
}
