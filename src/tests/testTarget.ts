import { basename } from 'node:path';

export type Framework = 'pytest' | 'unittest';

/** What is to be run: all tests of a folder or a file, or some of a file. */
export interface TestTarget {
  /** Absolute. */
  readonly path: string;
  /** Names within the file from the outside in; none for all of it. pytest's parameters are part of the last: "test_a[1-2]". */
  readonly names: readonly string[];
  /** The framework that found the test, if it shows. */
  readonly framework: Framework | undefined;
}

/** As much as is needed of a vscode.TestItem. */
export interface ItemFacts {
  readonly id: string;
  /** Absolute. */
  readonly path: string;
  /** Ids of what is below it, as far as known. */
  readonly below: readonly string[];
}

/**
 * What an item of the Python extension's test tree stands for. Its ids (python_files/vscode_pytest/__init__.py,
 * python_files/unittestadapter/pvsc_utils.py) begin with the path: `/w/test_a.py::TestA::test_b[1]` for pytest,
 * `/w/test_a.py\TestA\test_b` for unittest, the path alone for files and folders; with several projects in a folder, `URI||`
 * comes before that (projectUtils.ts). Until 2023 they were relative (`./test_a.py::TestA`) or dotted (`test_a.TestA`).
 * @returns undefined for an id of another kind
 */
export function targetOfItem({ id, path, below }: ItemFacts): TestTarget | undefined {
  const [project, ...rest] = /^[a-z][a-z\d+.-]+:\/\//i.test(id) ? id.split('||') : ['', id];
  const own = project !== '' && rest.length === 0 ? path : rest.join('||');
  if (own === path) return { path, names: [], framework: below.map(frameworkOf).find((one) => one !== undefined) };
  if (own.startsWith(`${path}\\`)) return { path, names: own.slice(path.length + 1).split('\\'), framework: 'unittest' };
  if (own.includes('::'))
    return { path, names: (own.startsWith(path) ? own.slice(path.length) : own).split('::').slice(1), framework: 'pytest' };
  const parts = own.split('.');
  const module = parts.lastIndexOf(basename(path, '.py'));
  return module >= 0 && /^[\p{L}\p{N}_.]+$/u.test(own) ? { path, names: parts.slice(module + 1), framework: 'unittest' } : undefined;
}

function frameworkOf(id: string): Framework | undefined {
  if (id.includes('.py::')) return 'pytest';
  return id.includes('.py\\') ? 'unittest' : undefined;
}
