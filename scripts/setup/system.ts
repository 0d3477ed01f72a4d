import fs from 'node:fs';
import path from 'node:path';
import { findProgram, run } from '../command.ts';
import type { Missing } from '../setup.ts';

/** Something from the system's package manager. */
interface SystemItem {
  readonly name: string;
  readonly debianPackage: string;
  readonly present: () => boolean;
  readonly leavesOut: string;
  /** VS Code is compiled with it; the others are for tests. */
  readonly compiles?: true;
}

const items: readonly SystemItem[] = [
  {
    name: 'Chromium',
    debianPackage: 'chromium',
    present: () => findChromium() !== null,
    leavesOut: 'editor tests',
  },
  {
    name: 'Liberation fonts',
    debianPackage: 'fonts-liberation',
    present: () => process.platform !== 'linux' || fs.existsSync('/usr/share/fonts/truetype/liberation'),
    leavesOut: 'nothing, but screenshots look odd',
  },
  {
    name: 'patchelf',
    debianPackage: 'patchelf',
    present: () => findProgram('patchelf') !== null,
    leavesOut: 'CPython 3.14 and 3.15',
  },
  {
    name: 'debugpy',
    debianPackage: 'python3-debugpy',
    present: () => fs.existsSync('/usr/lib/python3/dist-packages/debugpy'),
    leavesOut: 'tests with a debugger',
  },
  {
    name: 'sudo',
    debianPackage: 'sudo',
    present: () => findProgram('sudo') !== null,
    leavesOut: 'tests of the helper that reads other users’ processes',
  },
  {
    name: 'a C++ compiler',
    debianPackage: 'g++',
    present: () => findProgram('c++', 'g++', 'clang++') !== null,
    leavesOut: 'editor tests',
    compiles: true,
  },
  {
    name: 'the headers of libffi',
    debianPackage: 'libffi-dev',
    present: () => hasHeader('ffi.h'),
    leavesOut: 'tests on free-threaded CPython',
  },
  {
    name: 'xz',
    debianPackage: 'xz-utils',
    present: () => findProgram('xz') !== null,
    leavesOut: 'tests on free-threaded CPython',
  },
  { name: 'make', debianPackage: 'make', present: () => findProgram('make') !== null, leavesOut: 'editor tests', compiles: true },
  {
    name: 'Python 3',
    debianPackage: 'python3',
    present: () => findProgram('python3') !== null,
    leavesOut: 'editor tests',
    compiles: true,
  },
];

/** Installs programs by Debian's package manager where that can be done: on Debian and its children, as root. */
export async function installSystemPackages(say: (message: string) => void): Promise<Missing[]> {
  return install(items, say);
}

/** The same of what `npm start` takes: a compiler, and what that needs. */
export async function installCompiler(say: (message: string) => void): Promise<Missing[]> {
  return install(
    items.filter(({ compiles }) => compiles === true),
    say,
  );
}

async function install(wanted: readonly SystemItem[], say: (message: string) => void): Promise<Missing[]> {
  const absent = wanted.filter((item) => !item.present());
  if (absent.length === 0) return [];
  const obstacle = obstacleToInstalling();
  if (obstacle !== null) return absent.map((item) => missing(item, obstacle));

  const names = absent.map((item) => item.debianPackage);
  say(`installing ${names.join(', ')}`);
  let failure = 'its package installed, but it is not there';
  try {
    // Lists may be years old; but when another apt holds their lock, it is updating them itself.
    await apt('update').catch((error: unknown) => say(`apt-get update: ${reason(error)}`));
    await apt('install', '--yes', '--no-install-recommends', ...names);
  } catch (error) {
    failure = reason(error);
    say(String(error));
  }
  return absent.filter((item) => !item.present()).map((item) => missing(item, failure));
}

/** A Chromium or Chrome that the tests can drive. */
export function findChromium(): string | null {
  return process.env['HEATLINE_CHROMIUM'] ?? findProgram('chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable');
}

/** Whether a C compiler finds this header. */
export function hasHeader(name: string): boolean {
  const folders = ['/usr/include', '/usr/local/include'];
  const ofMachines = fs.existsSync('/usr/include') ? fs.readdirSync('/usr/include').map((folder) => path.join('/usr/include', folder)) : [];
  return [...folders, ...ofMachines].some((folder) => fs.existsSync(path.join(folder, name)));
}

/** Whether this is Debian or one of its children. */
export function isDebian(): boolean {
  return fs.existsSync('/etc/debian_version') && findProgram('apt-get') !== null;
}

/** The line of an error that tells most: the failed program's own complaint, else the first. */
export function reason(error: unknown): string {
  const lines = (error instanceof Error ? error.message : String(error)).split('\n');
  return lines.find((line) => /^(E:|error:|npm error|fatal)/i.test(line)) ?? lines[0]!;
}

function obstacleToInstalling(): string | null {
  if (!isDebian()) return 'not installed, and only Debian packages can be installed from here';
  if (process.getuid?.() !== 0) return 'not installed, and only root can install Debian packages';
  return null;
}

async function apt(...args: string[]): Promise<string> {
  return run('apt-get', ['-qq', '-o', 'DPkg::Lock::Timeout=600', ...args], {
    environment: { DEBIAN_FRONTEND: 'noninteractive' },
  });
}

function missing(item: SystemItem, why: string): Missing {
  const { name, debianPackage, leavesOut } = item;
  return { what: `${name} (Debian: ${debianPackage})`, why, leavesOut };
}
