import { basename, delimiter, dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import type { ModuleName } from '../launch/moduleName.ts';
import type { FileRun } from '../launch/runOptions.ts';
import type { Framework, TestTarget } from './testTarget.ts';

/** How the project's tests are run. */
export interface TestSettings {
  readonly framework: Framework;
  /** What the user wants the framework to be given. */
  readonly args: readonly string[];
  /** Absolute. */
  readonly workingDirectory: string;
  readonly environment: Readonly<Record<string, string>>;
  /** PYTHONPATH as the terminal has it, which ours must not hide. */
  readonly pythonPath: string | undefined;
}

/** What is on the disk. */
export interface TargetFacts {
  readonly isFolder: boolean;
  /** The target's file as a module of a package. */
  readonly module: ModuleName | undefined;
  readonly exists: (path: string) => Promise<boolean>;
}

/** The command line that runs just these tests. */
export async function testRun(target: TestTarget, facts: TargetFacts, settings: TestSettings): Promise<FileRun> {
  const name = target.names.at(-1) ?? basename(target.path);
  const { workingDirectory } = settings;
  const { args, environment } =
    settings.framework === 'pytest' ? await pytestRun(target, facts, settings) : unittestRun(target, facts, settings);
  return { name, args, workingDirectory, environment: { ...settings.environment, ...environment } };
}

type Command = Pick<FileRun, 'args' | 'environment'>;

/** Options of pytest and its best-known plugins whose next argument is their value, and may be a path. */
const PYTEST_OPTIONS_WITH_PATH = new Set([
  '-c',
  '--config-file',
  '-p',
  '-o',
  '--override-ini',
  '-W',
  '-k',
  '-m',
  '-n',
  '-r',
  '--rootdir',
  '--confcutdir',
  '--basetemp',
  '--ignore',
  '--ignore-glob',
  '--deselect',
  '--junitxml',
  '--junit-xml',
  '--log-file',
  '--import-mode',
  '--cov',
  '--cov-config',
  '--cov-report',
  '--durations',
  '--maxfail',
  '--tb',
  '--html',
  '--debug',
  '--rsyncdir',
  '--tx',
  '--dist',
  '--numprocesses',
  '--ds',
  '--env-file',
]);

/** Options that would leave out what was chosen. */
const PYTEST_SELECTING = /^(?:--lf|--last-failed|--ff|--failed-first|--nf|--new-first|--sw|--stepwise|--co|--collect-only)$/;

async function pytestRun({ path, names }: TestTarget, { exists }: TargetFacts, { args, workingDirectory }: TestSettings): Promise<Command> {
  const kept: string[] = [];
  for (const [i, arg] of args.entries()) {
    const option = i > 0 ? args[i - 1]! : '';
    if (option === '-k' || option === '-m' || arg === '-k' || arg === '-m' || PYTEST_SELECTING.test(arg)) continue;
    // The tests to run otherwise: a path, or a path and names.
    const isPlace =
      !arg.startsWith('-') && !PYTEST_OPTIONS_WITH_PATH.has(option) && (await exists(resolve(workingDirectory, arg.split('::')[0]!)));
    if (!isPlace) kept.push(arg);
  }
  return { args: ['-m', 'pytest', ...kept, [shortPath(path, workingDirectory), ...names].join('::')], environment: {} };
}

interface UnittestOptions {
  readonly startDirectory: string | undefined;
  readonly topLevelDirectory: string | undefined;
  readonly pattern: string | undefined;
  /** Those of running, not of discovery. */
  readonly others: readonly string[];
}

function unittestRun(
  { path, names }: TestTarget,
  { isFolder, module }: TargetFacts,
  { args, workingDirectory, environment, pythonPath }: TestSettings,
): Command {
  const { startDirectory, topLevelDirectory, pattern, others } = unittestOptions(args);
  const told = [topLevelDirectory, startDirectory]
    .filter((folder) => folder !== undefined)
    .map((folder) => resolve(workingDirectory, folder));
  if (isFolder) {
    const top = told.find((folder) => isBelow(path, folder));
    const options = [
      ...(top === undefined || top === path ? [] : ['-t', shortPath(top, workingDirectory)]),
      ...(pattern === undefined ? [] : ['-p', pattern]),
    ];
    return { args: ['-m', 'unittest', 'discover', '-s', shortPath(path, workingDirectory), ...options, ...others], environment: {} };
  }
  // The folder that the test's module has its name from, as discovery has it (unittest/loader.py, discover).
  const root = told.find((folder) => isBelow(path, folder) && isModulePath(relative(folder, path))) ?? module?.root ?? dirname(path);
  const moduleName = relative(root, path)
    .replace(/\.pyw?$/, '')
    .split(sep)
    .join('.');
  const own = environment['PYTHONPATH'] ?? pythonPath;
  return {
    args: ['-m', 'unittest', ...others, [moduleName, ...names].join('.')],
    // `-m` has the working directory on Python's path by itself.
    environment: root === workingDirectory ? {} : { PYTHONPATH: own === undefined || own === '' ? root : `${root}${delimiter}${own}` },
  };
}

function unittestOptions(args: readonly string[]): UnittestOptions {
  const values: Record<'s' | 't' | 'p', string | undefined> = { s: undefined, t: undefined, p: undefined };
  const others: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    const match = /^(?:-([stp])|--(s)tart-directory|--(t)op-level-directory|--(p)attern)(?:=?(.*))$/s.exec(arg);
    const key = (match?.[1] ?? match?.[2] ?? match?.[3] ?? match?.[4]) as keyof typeof values | undefined;
    if (key !== undefined) values[key] = match![5] === '' ? args[++i] : match![5];
    else if (arg === '-k') i++;
    else if (arg.startsWith('-')) others.push(arg);
  }
  return { startDirectory: values.s, topLevelDirectory: values.t, pattern: values.p, others };
}

function isModulePath(path: string): boolean {
  return path
    .replace(/\.pyw?$/, '')
    .split(sep)
    .every((part) => /^[\p{L}_][\p{L}\p{N}_]*$/u.test(part));
}

/** As one would type it in that folder. */
function shortPath(path: string, folder: string): string {
  if (path === folder) return '.';
  if (!isBelow(path, folder)) return path;
  const short = relative(folder, path);
  return short.startsWith('-') ? `.${sep}${short}` : short;
}

function isBelow(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way !== '' && !isAbsolute(way) && way !== '..' && !way.startsWith(`..${sep}`);
}
