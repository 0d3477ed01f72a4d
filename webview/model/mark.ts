import type { FunctionSet } from './functions.ts';

/** What stands out in every view: what was searched for, a module, or one function. */
export type Mark =
  | { readonly kind: 'none' }
  | { readonly kind: 'search'; readonly functions: FunctionSet }
  /** All functions of the file of one. */
  | { readonly kind: 'module'; readonly functions: FunctionSet; readonly func: number }
  /** In trees by line those calls of it that are at a line, unless that is 0. */
  | { readonly kind: 'function'; readonly functions: FunctionSet; readonly func: number; readonly line: number };

export const NO_MARK: Mark = { kind: 'none' };
