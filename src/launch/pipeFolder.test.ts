import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { makePipeFolder } from './pipeFolder.ts';

describe('The folder for pipes', () => {
  let parent: string;
  beforeEach(() => (parent = fs.mkdtempSync(path.join(os.tmpdir(), 'heatline-test-'))));
  afterEach(() => fs.rmSync(parent, { recursive: true }));

  /** A folder as a process makes it, last changed some hours ago. */
  function left(pid: number, hours: number): string {
    const folder = path.join(parent, `heatline-run-${pid}-abcdef`);
    fs.mkdirSync(folder);
    fs.writeFileSync(path.join(folder, 'commands'), '');
    const then = new Date(Date.now() - hours * 3_600_000);
    fs.utimesSync(folder, then, then);
    return folder;
  }

  it('is one that nobody else can look into', async () => {
    const folder = await makePipeFolder(parent);
    assert.equal(fs.statSync(folder).mode & 0o777, 0o700);
    assert.notEqual(await makePipeFolder(parent), folder);
  });

  it('replaces those of editors that were killed the day before', async () => {
    const { pid: ended } = spawnSync(process.execPath, ['-e', '']);
    const kept = [left(process.pid, 48), left(1, 48)];
    const gone = left(ended, 48);
    const others = ['heatline-run-x-abcdef', 'heatline-running', `heatline-runs-${ended}-a`].map((name) => path.join(parent, name));
    for (const other of others) fs.mkdirSync(other);
    await makePipeFolder(parent);
    assert(!fs.existsSync(gone));
    for (const folder of [...kept, ...others]) assert(fs.existsSync(folder), folder);
    const recent = left(ended, 23);
    await makePipeFolder(parent);
    assert(fs.existsSync(recent));
  });

  it('follows no link in place of such a folder', async () => {
    const { pid: ended } = spawnSync(process.execPath, ['-e', '']);
    const elsewhere = path.join(parent, 'elsewhere');
    fs.mkdirSync(elsewhere);
    const then = new Date(Date.now() - 48 * 3_600_000);
    fs.utimesSync(elsewhere, then, then);
    const link = path.join(parent, `heatline-run-${ended}-abcdef`);
    fs.symlinkSync(elsewhere, link);
    fs.lutimesSync(link, then, then);
    await makePipeFolder(parent);
    assert(fs.existsSync(elsewhere));
  });
});
