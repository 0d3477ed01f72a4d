import { type Statement, statements } from './statements.ts';

/** Where a script begins, as one reads it. */
export interface EntryPoint {
  /** 0-based */
  readonly line: number;
  /** It is `if __name__ == "__main__":`, so the file is meant to be run. */
  readonly isMainGuard: boolean;
}

const MAIN_GUARD = /^if\s*\(?\s*(?:__name__\s*==\s*(["'])__main__\1|(["'])__main__\2\s*==\s*__name__)\s*\)?\s*:/;

/**
 * The main guard, else the first statement that is no docstring; undefined where there is nothing to run, also because the
 * file is part of a package: what imports from beside it ("from .text import …") ends with an ImportError when run as a script.
 */
export function entryPoint(source: string): EntryPoint | undefined {
  let first: Statement | undefined;
  let isFirst = true;
  let isOfPackage = false;
  for (const statement of statements(source)) {
    if (statement.indent === 0 && MAIN_GUARD.test(statement.text)) return { line: statement.line, isMainGuard: true };
    if (!(isFirst && isDocstring(statement))) first ??= statement;
    if (statement.indent === 0 && /^from\s*\./.test(statement.text)) isOfPackage = true;
    isFirst = false;
  }
  return first === undefined || isOfPackage ? undefined : { line: first.line, isMainGuard: false };
}

function isDocstring({ text }: Statement): boolean {
  return /^[rRuU]?["']/.test(text);
}
