import type { FunctionColumns } from '../messages.ts';
import { FOLDED } from '../../profile/weighedStacks.ts';
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

/** The same of modules (each by one of its functions), by the names of modules; those with a matching function. */
export function moduleRows(columns: FunctionColumns, functions: Functions, sort: Sort, matching: FunctionSet | undefined): Int32Array {
  const { func } = columns;
  const files = new Set<string>();
  matching?.functions.forEach((isMatch, other) => isMatch === 1 && files.add(functions.file(other)));
  const rows = Int32Array.from(func.keys()).filter((row) => {
    const id = func[row]!;
    return functions.has(id) && (matching === undefined || (id < FOLDED ? files.has(functions.file(id)) : isIn(matching, id)));
  });
  const direction = sort.descending ? -1 : 1;
  const compare =
    sort.key === 'name'
      ? (a: number, b: number) => collator.compare(functions.moduleName(func[a]!), functions.moduleName(func[b]!))
      : byValue(columns[sort.key]);
  return rows.sort((a, b) => direction * compare(a, b) || func[a]! - func[b]!);
}

function byValue(values: Float64Array): (a: number, b: number) => number {
  return (a, b) => values[a]! - values[b]!;
}
