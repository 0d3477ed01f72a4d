import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { cacheFolder } from './cache.ts';

/** A Python on this machine, as it describes itself. */
export interface Interpreter {
  /** The executable, symbolic links resolved. */
  readonly path: string;
  /** As CPython spells it: "3.12.1", "3.14.0rc2". */
  readonly version: string;
  readonly major: number;
  readonly minor: number;
  /** `sys.abiflags`: "t" for free-threaded, "d" for debug builds; "m" before 3.8. */
  readonly abiFlags: string;
  readonly freeThreaded: boolean;
  /** `platform.machine()`: "x86_64", "aarch64". */
  readonly machine: string;
  /** Version of the greenlet package that targets of this interpreter can import, or null. */
  readonly greenlet: string | null;
  /** Variables a target of this interpreter is started with (targets.ts does that). */
  readonly environment: Readonly<Record<string, string>>;
}

/** Where scripts/setup.mjs puts pip's packages, in one folder per ABI: "3.12", "3.14t". */
const packagesFolder = path.join(cacheFolder, 'packages');

/** Runs in every Python from 2.7 on. */
const describe = `
import sys, json, platform
v = sys.version_info
try:
    import sysconfig
    nogil = bool(sysconfig.get_config_var('Py_GIL_DISABLED'))
except Exception:
    nogil = False
packages = '%s/%d.%d%s' % (sys.argv[1], v[0], v[1], 't' if nogil else '')
sys.path.insert(1, packages)
try:
    import greenlet
    greenlet_version = greenlet.__version__
except Exception:
    greenlet_version = None
level = {'alpha': 'a', 'beta': 'b', 'candidate': 'rc', 'final': ''}[v[3]]
print(json.dumps({
    'implementation': platform.python_implementation(),
    'version': '%d.%d.%d' % v[:3] + (level + str(v[4]) if level else ''),
    'major': v[0], 'minor': v[1],
    'abiFlags': getattr(sys, 'abiflags', ''),
    'freeThreaded': nogil,
    'machine': platform.machine(),
    'packages': packages,
    'greenlet': greenlet_version,
}))
`;

/**
 * Every CPython on this machine, oldest first: pyenv's, those on the PATH and those that
 * scripts/setup.mjs unpacked. Each is asked once per run (about 50 ms each). With HEATLINE_PYTHONS=few (`npm run gate`) only the
 * oldest, the last of the old frames (3.10), the newest and the newest free-threaded one.
 */
export const interpreters: readonly Interpreter[] =
  process.env['HEATLINE_PYTHONS'] === 'few' ? fewOf(findInterpreters()) : findInterpreters();

/** The interpreters of at least this version, for instance `since(3, 11)`. */
export function since(major: number, minor: number): readonly Interpreter[] {
  return interpreters.filter((one) => one.major > major || (one.major === major && one.minor >= minor));
}

/**
 * One of each minor version and build, where another patch of it has nothing to do with what is tested: the newest
 * patch.
 */
export function oneOfEachMinor(all: readonly Interpreter[]): readonly Interpreter[] {
  const key = ({ major, minor, freeThreaded }: Interpreter): string => `${major}.${minor} ${freeThreaded}`;
  return [...new Map(all.map((one) => [key(one), one])).values()];
}

/** "Python 3.13.0", "Python 3.14.0t": for test titles; tells equal versions apart by their folder. */
export function title(interpreter: Interpreter): string {
  const name = `Python ${interpreter.version}${interpreter.abiFlags}`;
  const twins = interpreters.filter((one) => one.version === interpreter.version && one.abiFlags === interpreter.abiFlags);
  return twins.length > 1 ? `${name} (${interpreter.path})` : name;
}

function findInterpreters(): Interpreter[] {
  const found = new Map<string, Interpreter>();
  for (const candidate of candidates()) {
    const file = resolveProgram(candidate);
    if (file === null || found.has(file)) continue;
    const interpreter = ask(file);
    if (interpreter !== null) found.set(file, interpreter);
  }
  return [...found.values()].sort((a, b) => compareVersions(a, b) || (a.path < b.path ? -1 : 1));
}

function fewOf(all: readonly Interpreter[]): Interpreter[] {
  const few = new Set([
    all[0],
    all.find(({ major, minor }) => major === 3 && minor === 10),
    all.findLast(({ freeThreaded }) => !freeThreaded),
    all.findLast(({ freeThreaded }) => freeThreaded),
  ]);
  return all.filter((one) => few.has(one));
}

function* candidates(): Generator<string> {
  const name = /^python\d?(\.\d+)?[td]*$/;
  const pyenv = path.join(process.env['PYENV_ROOT'] ?? path.join(os.homedir(), '.pyenv'), 'versions');
  for (const version of list(pyenv)) yield path.join(pyenv, version, 'bin', 'python');
  for (const folder of (process.env['PATH'] ?? '').split(path.delimiter)) {
    if (!path.isAbsolute(folder)) continue;
    for (const file of list(folder)) if (name.test(file)) yield path.join(folder, file);
  }
  const unpacked = path.join(cacheFolder, 'python');
  for (const version of list(unpacked)) {
    const bin = path.join(unpacked, version, 'usr', 'bin');
    for (const file of list(bin)) if (name.test(file)) yield path.join(bin, file);
  }
}

/** @returns the real file, or null when there is none or it is a script (pyenv's shims). */
function resolveProgram(candidate: string): string | null {
  try {
    const file = fs.realpathSync(candidate);
    const descriptor = fs.openSync(file, 'r');
    try {
      const start = Buffer.alloc(2);
      return fs.readSync(descriptor, start, 0, 2, 0) === 2 && start.toString('latin1') !== '#!' ? file : null;
    } finally {
      fs.closeSync(descriptor);
    }
  } catch {
    return null;
  }
}

/** @returns null when it doesn't run or isn't CPython. */
function ask(file: string): Interpreter | null {
  let facts: Partial<Record<string, unknown>>;
  const environment: Record<string, string> = { PYTHONDONTWRITEBYTECODE: '1', PYTHONIOENCODING: 'utf-8' };
  try {
    const answer = execFileSync(file, ['-c', describe, packagesFolder], {
      encoding: 'utf8',
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 20_000,
    });
    facts = JSON.parse(answer) as typeof facts;
  } catch {
    return null;
  }
  if (facts['implementation'] !== 'CPython') return null;
  const packages = String(facts['packages']);
  if (fs.existsSync(packages)) environment['PYTHONPATH'] = packages;
  return {
    path: file,
    version: String(facts['version']),
    major: Number(facts['major']),
    minor: Number(facts['minor']),
    abiFlags: String(facts['abiFlags']),
    freeThreaded: facts['freeThreaded'] === true,
    machine: String(facts['machine']),
    greenlet: typeof facts['greenlet'] === 'string' ? facts['greenlet'] : null,
    environment,
  };
}

function compareVersions(a: Interpreter, b: Interpreter): number {
  return a.major - b.major || a.minor - b.minor || patch(a) - patch(b);
}

function patch(interpreter: Interpreter): number {
  return Number.parseInt(interpreter.version.split('.')[2] ?? '0', 10);
}

function list(folder: string): string[] {
  try {
    return fs.readdirSync(folder).sort();
  } catch {
    return [];
  }
}
