import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { findProgram, run } from '../command.ts';
import type { Missing } from '../setup.ts';
import { type Apt, sidApt } from './debian.ts';
import { folderOf } from './pythons.ts';
import { hasHeader, isDebian, reason } from './system.ts';

/** Free-threaded builds, of which Debian has no packages. */
const versions = ['3.13t', '3.14t', '3.15t'];

/** What it takes besides apt, and Debian's packages of these. */
const tools: readonly (readonly [debianPackage: string, isThere: () => boolean])[] = [
  ['gcc', () => findProgram('cc', 'gcc') !== null],
  ['make', () => findProgram('make') !== null],
  ['xz-utils', () => findProgram('xz') !== null],
  ['libffi-dev', () => hasHeader('ffi.h')],
];

/** What a Python that was built must be able to do; it leaves these modules compiled. */
const selfTest =
  'import asyncio, contextvars, ctypes, dis, json, multiprocessing, subprocess, sysconfig, threading; assert sysconfig.get_config_var("Py_GIL_DISABLED") == 1';

/** Parts of the library that no test needs, most of its size. */
const left = new Set(['test', 'idlelib', 'tkinter', 'turtledemo', 'ensurepip', 'lib2to3', '__pycache__']);

/** ms after which it is asked again for sources that could not be had: an answer costs 10 s. */
const patience = 24 * 3600 * 1000;

/**
 * Builds free-threaded Pythons into the cache from the source packages of Debian's development branch, whose pool
 * does not have all that its lists name. Needs no root. About 4 minutes each on two idle cores, and 60 MB.
 */
export async function buildFreeThreaded(say: (message: string) => void): Promise<Missing[]> {
  const absent = versions.filter((version) => !fs.existsSync(folderOf(version)));
  const refused = new Map(absent.flatMap((version) => [...lastRefusal(version)].map((why) => [version, why])));
  const wanted = absent.filter((version) => !refused.has(version));
  const result = [...refused].map(([version, why]) => missing(version, why));
  if (wanted.length === 0) return result;
  if (!isDebian()) return absent.map((version) => missing(version, 'it is built from Debian’s sources, and this is not Debian'));
  const without = tools.filter(([, isThere]) => !isThere()).map(([name]) => name);
  if (without.length > 0) return absent.map((version) => missing(version, `building it takes ${without.join(', ')}`));

  const temporary = fs.mkdtempSync(path.join(os.tmpdir(), 'heatline-build-'));
  try {
    const apt = await sidApt(temporary, 'deb-src');
    for (const version of wanted) {
      const folder = path.join(temporary, version);
      try {
        const archive = await fetchSource(version, apt, folder);
        say(`building CPython ${version} from ${path.basename(archive)}: some minutes, once`);
        await build(version, archive, folder);
      } catch (error) {
        say(String(error));
        fs.mkdirSync(path.dirname(refusalFile(version)), { recursive: true });
        fs.writeFileSync(refusalFile(version), reason(error));
        result.push(missing(version, reason(error)));
      } finally {
        fs.rmSync(folder, { recursive: true, force: true });
      }
    }
  } catch (error) {
    say(String(error));
    result.push(...wanted.map((version) => missing(version, reason(error))));
  } finally {
    fs.rmSync(temporary, { recursive: true, force: true });
  }
  return result;
}

function missing(version: string, why: string): Missing {
  return { what: `free-threaded CPython ${version}`, why, leavesOut: `tests on CPython ${version}` };
}

function refusalFile(version: string): string {
  return `${folderOf(version)}.refused`;
}

/** Why it could not be had within the last day; null: that has not been tried. */
function* lastRefusal(version: string): Generator<string> {
  const file = refusalFile(version);
  if (fs.existsSync(file) && Date.now() - fs.statSync(file).mtimeMs < patience) yield fs.readFileSync(file, 'utf8');
}

/**
 * Fetches the newest source that is really there, verified by apt.
 * @returns the file of upstream's own archive
 */
async function fetchSource(version: string, apt: Apt, folder: string): Promise<string> {
  const name = `python${version.replace('t', '')}`;
  const listed = [...(await apt.cache(['showsrc', '--only-source', name])).matchAll(/^Version: (.+)$/gm)].map(([, found]) => found!);
  listed.sort(new Intl.Collator('en', { numeric: true }).compare).reverse();
  if (listed.length === 0) throw new Error(`Debian’s development branch has no source package ${name}`);
  let failure: unknown;
  for (const found of listed) {
    fs.rmSync(folder, { recursive: true, force: true });
    fs.mkdirSync(folder);
    try {
      await apt.get(['source', '--download-only', `${name}=${found}`], folder);
      const archive = fs.readdirSync(folder).find((file) => /\.orig\.tar\.\w+$/.test(file));
      if (archive === undefined) throw new Error(`the source package ${name} ${found} has no archive of upstream’s`);
      return path.join(folder, archive);
    } catch (error) {
      failure ??= error;
    }
  }
  throw failure;
}

async function build(version: string, archive: string, folder: string): Promise<void> {
  const final = folderOf(version);
  const source = path.join(folder, 'source');
  fs.mkdirSync(source);
  await run('tar', ['-xf', archive, '-C', source, '--strip-components=1']);
  const prefix = path.join(final, 'usr');
  const here = { workingDirectory: source };
  // No debugging symbols: tests have to do without them anyway, and it takes half as long.
  await run(
    './configure',
    [
      '-q',
      '--disable-gil',
      '--disable-test-modules',
      '--without-ensurepip',
      '--without-static-libpython',
      `--prefix=${prefix}`,
      'CFLAGS=-g0',
    ],
    here,
  );
  await run('nice', ['make', '-s', `-j${os.availableParallelism()}`], here);
  // Not all of `make install`, which compiles the whole library three times.
  const root = path.join(folder, 'root');
  await run('make', ['-s', 'altbininstall', 'sharedinstall', `DESTDIR=${root}`], here);
  const installed = path.join(root, prefix);
  const library = path.join(installed, 'lib', `python${version}`);
  fs.cpSync(path.join(source, 'Lib'), library, { recursive: true, filter: (file) => !left.has(path.basename(file)) });
  const built = path.join(source, fs.readFileSync(path.join(source, 'pybuilddir.txt'), 'utf8').trim());
  for (const file of fs.readdirSync(built))
    if (file.startsWith('_sysconfigdata')) fs.copyFileSync(path.join(built, file), path.join(library, file));
  // A second name of the same file would be a second Python to the tests.
  fs.rmSync(path.join(installed, 'bin', `python${version.replace('t', '')}`), { force: true });
  fs.rmSync(final, { recursive: true, force: true });
  fs.mkdirSync(path.dirname(final), { recursive: true });
  const whole = fs.mkdtempSync(`${final}-`);
  try {
    fs.cpSync(installed, path.join(whole, 'usr'), { recursive: true, verbatimSymlinks: true });
    fs.chmodSync(whole, 0o755);
    fs.renameSync(whole, final);
    await run(path.join(prefix, 'bin', `python${version}`), ['-c', selfTest]).catch((error: unknown) => {
      fs.rmSync(final, { recursive: true, force: true });
      throw error;
    });
  } finally {
    fs.rmSync(whole, { recursive: true, force: true });
  }
}
