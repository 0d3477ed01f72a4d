import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { cacheFolder } from '../../test/support/cache.ts';
import { findProgram, run } from '../command.ts';
import type { Missing } from '../setup.ts';
import { type Apt, sidApt } from './debian.ts';
import { reason, isDebian } from './system.ts';

/** Versions that Debian's development branch has and no released one does. */
const versions = ['3.14', '3.15'];

/** What an unpacked Python must be able to do before we call it usable. */
const selfTest = 'import asyncio, ctypes, json, multiprocessing, sqlite3, ssl, subprocess, threading, zlib';

/**
 * Unpacks Pythons that are too new for the system into the cache, with a C library and everything
 * else they link to, without installing anything. Needs no root. About 10 s and 80 MB each.
 */
export async function installPythons(say: (message: string) => void): Promise<Missing[]> {
  const absent = versions.filter((version) => !fs.existsSync(folderOf(version)));
  if (absent.length === 0) return [];
  const missing = (version: string, why: string): Missing => ({
    what: `CPython ${version}`,
    why,
    leavesOut: `tests on CPython ${version}`,
  });
  const patchelf = findProgram('patchelf');
  if (!isDebian()) return absent.map((version) => missing(version, 'it is unpacked from Debian packages, and this is not Debian'));
  if (patchelf === null) return absent.map((version) => missing(version, 'unpacking it takes patchelf'));

  const result: Missing[] = [];
  const temporary = fs.mkdtempSync(path.join(os.tmpdir(), 'heatline-apt-'));
  try {
    const apt = await sidApt(temporary, 'deb');
    for (const version of absent) {
      try {
        say(`unpacking CPython ${version} from Debian's development branch`);
        await unpackPython(version, apt, patchelf, temporary);
      } catch (error) {
        say(String(error));
        result.push(missing(version, reason(error)));
      }
    }
  } catch (error) {
    say(String(error));
    result.push(...absent.map((version) => missing(version, reason(error))));
  } finally {
    fs.rmSync(temporary, { recursive: true, force: true });
  }
  return result;
}

/** Where test/support/interpreters.ts looks for it. */
export function folderOf(version: string): string {
  return path.join(cacheFolder, 'python', version);
}

async function unpackPython(version: string, apt: Apt, patchelf: string, temporary: string): Promise<void> {
  const archives = path.join(temporary, 'archives');
  await apt.get(['clean']);
  await apt.get(['install', '--download-only', `python${version}`]);
  const final = folderOf(version);
  fs.mkdirSync(path.dirname(final), { recursive: true });
  const folder = fs.mkdtempSync(`${final}-`);
  try {
    for (const archive of fs.readdirSync(archives).filter((name) => name.endsWith('.deb'))) {
      await run('dpkg', ['-x', path.join(archives, archive), folder]);
    }
    for (const name of ['usr/share', 'etc', 'var', 'usr/sbin']) fs.rmSync(path.join(folder, name), { recursive: true, force: true });

    // The executable names its dynamic loader by an absolute path, so that has to be the final one.
    const executable = path.join(folder, 'usr/bin', `python${version}`);
    const loader = (await run(patchelf, ['--print-interpreter', executable])).trim();
    const libraries = path.dirname(fs.realpathSync(path.join(folder, 'usr', loader)));
    const place = (file: string): string => path.join(final, path.relative(folder, file));
    // RPATH, not RUNPATH: it also holds for what the libraries and extension modules themselves need.
    await run(patchelf, [
      '--set-interpreter',
      place(path.join(folder, 'usr', loader)),
      '--force-rpath',
      '--set-rpath',
      place(libraries),
      executable,
    ]);
    fs.chmodSync(folder, 0o755);
    fs.renameSync(folder, final);
    await run(path.join(final, 'usr/bin', `python${version}`), ['-c', selfTest]).catch((error: unknown) => {
      fs.rmSync(final, { recursive: true, force: true });
      throw error;
    });
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}
