import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { changeableByOthers } from './changeable.ts';

const onLinux = process.platform === 'linux';

(onLinux ? describe : describe.skip)('What others can change', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'heatline-test-'));
    fs.mkdirSync(path.join(folder, 'a/b'), { recursive: true });
    file = path.join(folder, 'a/b/program');
    fs.writeFileSync(file, '', { mode: 0o755 });
  });
  afterEach(() => fs.rmSync(folder, { recursive: true }));

  it('is nothing of what is ours or root’s', () => {
    assert.equal(changeableByOthers(file), null);
    assert.equal(changeableByOthers(path.join(folder, 'a')), null);
    assert.equal(changeableByOthers(process.execPath), null);
  });

  it('is a file, and a folder above it, that all may write', () => {
    fs.chmodSync(path.join(folder, 'a'), 0o777);
    assert.equal(changeableByOthers(file), path.join(folder, 'a'));
    fs.chmodSync(path.join(folder, 'a'), 0o1777); // sticky
    assert.equal(changeableByOthers(file), null);
    fs.chmodSync(file, 0o666);
    assert.equal(changeableByOthers(file), file);
    assert.equal(changeableByOthers(path.join(folder, 'a')), file);
  });

  it('is where a link leads, and the folder that it lies in', () => {
    const link = path.join(folder, 'link');
    fs.symlinkSync(file, link);
    assert.equal(changeableByOthers(link), null);
    fs.chmodSync(path.join(folder, 'a/b'), 0o757);
    assert.equal(changeableByOthers(link), path.join(folder, 'a/b'));
    fs.chmodSync(path.join(folder, 'a/b'), 0o755);
    fs.chmodSync(folder, 0o722);
    assert.equal(changeableByOthers(link), folder);
  });

  it('is what a group may write that is not the user’s own', function () {
    if (process.getuid?.() !== 0) this.skip();
    fs.chmodSync(file, 0o775);
    assert.equal(changeableByOthers(file), null);
    fs.chownSync(file, 0, 12_345);
    assert.equal(changeableByOthers(file), file);
    fs.chownSync(file, 12_345, 0);
    assert.equal(changeableByOthers(file), file);
  });

  it('is what is not there', () => {
    assert.equal(changeableByOthers(path.join(folder, 'nothing')), path.join(folder, 'nothing'));
  });
});
