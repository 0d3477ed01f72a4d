import { dirname, join } from 'node:path';
import type { Framework } from './testTarget.ts';

/** What tells by which framework a test is run; whatever costs anything is asked for when it matters. */
export interface FrameworkHints {
  /** Of the test itself: who found it, or who alone can run it. */
  readonly own: Framework | undefined;
  /** The Python extension's settings. */
  readonly pytestEnabled: boolean;
  readonly unittestEnabled: boolean;
  readonly importsPytest: boolean;
  readonly importsUnittest: boolean;
  /** Whether files of the project set pytest up. */
  readonly isConfigured: () => Promise<boolean>;
  /** Whether the project's Python has pytest. */
  readonly hasPytest: () => Promise<boolean>;
}

/** The framework to run a test with. pytest runs tests of unittest, too, so it is taken where both would do. */
export async function chooseFramework(hints: FrameworkHints): Promise<Framework> {
  if (hints.own !== undefined) return hints.own;
  if (hints.pytestEnabled) return 'pytest';
  if (hints.unittestEnabled) return 'unittest';
  if (hints.importsPytest || (await hints.isConfigured())) return 'pytest';
  if (hints.importsUnittest) return 'unittest';
  return (await hints.hasPytest()) ? 'pytest' : 'unittest';
}

/** Files that set pytest up, and what must be in them (docs.pytest.org, "Initialization: determining rootdir and configfile"). */
const CONFIGURATIONS: readonly (readonly [string, RegExp | undefined])[] = [
  ['pytest.ini', undefined],
  ['.pytest.ini', undefined],
  ['pytest.toml', undefined],
  ['.pytest.toml', undefined],
  ['conftest.py', undefined],
  ['pyproject.toml', /^\s*\[tool\.pytest\b/m],
  ['tox.ini', /^\s*\[pytest\]/m],
  ['setup.cfg', /^\s*\[tool:pytest\]/m],
];

/** Folders looked into at most, should a file be in no workspace folder. */
const MAX_DEPTH = 30;

/**
 * Whether pytest is set up in a folder or one around it.
 * @param root the last folder to look into; undefined for as far as there are any
 * @param read the text of a file, or undefined
 */
export async function isPytestConfigured(
  folder: string,
  root: string | undefined,
  read: (path: string) => Promise<string | undefined>,
): Promise<boolean> {
  let at = folder;
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    for (const [name, pattern] of CONFIGURATIONS) {
      const text = await read(join(at, name));
      if (text !== undefined && (pattern?.test(text) ?? true)) return true;
    }
    if (at === root || dirname(at) === at) return false;
    at = dirname(at);
  }
  return false;
}
