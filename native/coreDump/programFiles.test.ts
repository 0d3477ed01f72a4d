import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { BufferSource } from '../binary/byteSource.ts';
import { buildElf } from '../binary/elfFixture.ts';
import type { MissingFile } from './coreFailure.ts';
import { CoreFile } from './coreFile.ts';
import { ProgramFiles } from './programFiles.ts';
import { coreHead } from './testing/coreBytes.ts';

const page = 4096;
const start = 0x40_0000;

describe('files of a dumped program', () => {
  let folder: string;
  beforeEach(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), 'heatline-files-'))));
  afterEach(() => fs.rmSync(folder, { recursive: true }));

  /** Of a program that had mapped a file of which the dump has the first page, or nothing. */
  function filesOf(name: string, content: Buffer, isDumped: boolean, search: readonly string[]): ProgramFiles {
    const dumped = isDumped ? page : 0;
    const size = Math.ceil(content.length / page) * page;
    const head = coreHead({
      pid: 1,
      threads: [{ id: 1, call: -1, result: 0 }],
      mappings: [{ start, end: start + size, fileOffset: 0, path: name }],
      parts: [{ address: start, size, dumped, access: 'r--' }],
    });
    const bytes = Buffer.concat([head, content.subarray(0, dumped), Buffer.alloc(Math.max(0, dumped - content.length))]);
    return new ProgramFiles(new CoreFile('core', new BufferSource(bytes)), search);
  }

  function put(name: string, content: Buffer): string {
    const file = path.join(folder, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, content);
    return file;
  }

  /** Whether it is found, and if not, why. */
  function outcome(files: ProgramFiles): 'found' | MissingFile | undefined {
    const place = files.leftOut(start);
    assert(place !== null);
    const [missing] = files.missing.values();
    files.close();
    return place.source === null ? missing : 'found';
  }

  const first = buildElf({ buildId: 'aa11bb22' });
  const second = buildElf({ buildId: 'cc33dd44' });

  it('are where the dump says, if they are the builds that ran', () => {
    const file = put('app', first);
    assert.equal(outcome(filesOf(file, first, true, [])), 'found');
    put('app', second);
    assert.deepEqual(outcome(filesOf(file, first, true, [])), { path: file, why: 'other-build', found: file });
    fs.rmSync(file);
    assert.deepEqual(outcome(filesOf(file, first, true, [])), { path: file, why: 'absent', found: null });
  });

  it('are in folders to search, by their path, name or build id', () => {
    for (const name of ['nowhere/lib/app.so', 'app.so', '.build-id/aa/11bb22', 'renamed']) {
      const file = put(name, first);
      assert.equal(outcome(filesOf('/nowhere/lib/app.so', first, true, [folder])), 'found', name);
      fs.rmSync(file);
    }
    const other = put('app.so', second);
    const missing = { path: '/nowhere/lib/app.so', why: 'other-build', found: other };
    assert.deepEqual(outcome(filesOf('/nowhere/lib/app.so', first, true, [folder])), missing);
    // The right one may be there, too.
    put('renamed', first);
    assert.equal(outcome(filesOf('/nowhere/lib/app.so', first, true, [folder])), 'found');
  });

  it('are told apart by their headers where they have no build id', () => {
    const plain = buildElf({ static: { one: 1 } });
    const file = put('app', plain);
    assert.equal(outcome(filesOf(file, plain, true, [])), 'found');
    put('app', buildElf({ static: { one: 1, another: 2 } }));
    assert.deepEqual(outcome(filesOf(file, plain, true, [])), { path: file, why: 'other-build', found: file });
  });

  it('are not checked where the dump has nothing of them, and then must be binaries', () => {
    const file = put('app', first);
    const files = filesOf(file, first, false, []);
    assert.deepEqual(files.unchecked, []);
    assert.notEqual(files.leftOut(start)?.source, null);
    assert.deepEqual(files.unchecked, [file]);
    files.close();
    const data = put('table.dat', Buffer.alloc(3 * page, 7));
    assert.deepEqual(outcome(filesOf(data, Buffer.alloc(3 * page, 7), false, [])), { path: data, why: 'data', found: data });
  });

  it('are no folders, devices or relative paths', () => {
    for (const name of [folder, '/dev/zero', 'app', ''])
      assert.deepEqual(outcome(filesOf(name, first, true, [])), { path: name, why: 'absent', found: null });
  });
});
