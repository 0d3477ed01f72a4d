import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { ProfileDiff } from '../../profile/diff/profileDiff.ts';
import { root } from '../../scripts/command.ts';

const cli = path.join(root, 'dist/cli.js');

describe('heatline diff', function () {
  this.timeout(30_000);
  let folder: string;
  before(function () {
    if (!fs.existsSync(cli)) return this.skip();
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'heatline-diff-'));
    fs.writeFileSync(path.join(folder, 'before.txt'), 'main (a.py:9);work (a.py:2) 4000\nmain (a.py:9);rest (a.py:5) 6000\n');
    fs.writeFileSync(
      path.join(folder, 'after.txt'),
      'main (/x/a.py:9);work (/x/a.py:2) 6000\nmain (/x/a.py:9);rest (/x/a.py:5) 6010\nmain (/x/a.py:9);new\u001b[31m (/x/a.py:7) 90\n',
    );
  });
  after(() => {
    if ((folder as string | undefined) !== undefined) fs.rmSync(folder, { recursive: true });
  });

  function heatline(...args: readonly string[]): { readonly code: number | null; readonly stdout: string; readonly stderr: string } {
    const { status, stdout, stderr } = spawnSync(process.execPath, [cli, 'diff', ...args], { cwd: folder, encoding: 'utf8' });
    return { code: status, stdout, stderr };
  }

  it('says what became slower and faster, and what is new', () => {
    const { code, stdout, stderr } = heatline('before.txt', 'after.txt');
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, /^BEFORE before\.txt: 10000 samples, .*\nAFTER {2}after\.txt: 12100 samples, /);
    assert.match(stdout, /Slower functions, by self share\n.*\n +40\.0 % +49\.6 % +\+9\.6 % +\+24 % {3}work \(\/x\/a\.py\)\n/);
    assert.match(stdout, /Faster functions, by self share\n.*\n +60\.0 % +49\.7 % +−10\.3 % +−17 % {3}rest /);
    assert.match(stdout, /Only in AFTER, without a counterpart\n.*\n +0\.7 % +0\.7 % {3}new�\[31m \(\/x\/a\.py\)\n/);
    assert.doesNotMatch(stdout, /[\u0000-\u0009\u000b-\u001f]/);
  });

  it('fails by its exit code where something became slower by more than that', () => {
    const codes = [
      ['--fail-above', '10%'],
      ['--fail-above', '30'],
      ['--seconds', '--fail-above', '15 %'],
      ['--seconds', '--fail-above', '60%'],
    ].map((options) => heatline('before.txt', 'after.txt', ...options).code);
    assert.deepEqual(codes, [3, 0, 3, 0]);
    assert.equal(heatline('before.txt', 'before.txt', '--fail-above', '0').code, 0);
    assert.match(
      heatline('before.txt', 'after.txt', '--seconds', '--fail-above', '15%').stdout,
      /\nSlower by more than 15 %, which is not chance \(1 %\)\n {2}\+21 %: the program, 10\.00 s → 12\.10 s\n/,
    );
  });

  it('has all of it for programs', () => {
    const { code, stdout } = heatline('before.txt', 'after.txt', '--json', '--lines', '--limit', '1', '--fail-above', '10%');
    assert.equal(code, 3);
    const { by, above, rows, onlyAfter, slower } = JSON.parse(stdout) as ProfileDiff & { by: string; above: number };
    assert.deepEqual([by, above], ['share', 0.1]);
    assert.deepEqual(rows.map(({ place }) => `${place.function}:${place.line}`).sort(), ['main:9', 'rest:5', 'work:2']);
    assert.deepEqual(
      onlyAfter.map(({ place }) => place.line),
      [7],
    );
    assert.deepEqual(slower.map(({ place, of }) => [place?.function, of]).sort(), [
      ['work', 'self'],
      ['work', 'total'],
    ]);
  });

  it('says what it can’t read or compare', () => {
    const missing = heatline('before.txt', 'none.txt');
    assert.deepEqual([missing.code, missing.stdout], [1, '']);
    assert.match(missing.stderr, /^heatline: can't read none\.txt: no such file/);
    assert.equal(heatline('before.txt').code, 2);
    assert.equal(heatline('before.txt', 'after.txt', '--fail-above', 'much').code, 2);
  });
});
