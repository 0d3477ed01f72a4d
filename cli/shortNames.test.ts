import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ShortNames } from './shortNames.ts';

describe('short names of files', () => {
  let folder: string;
  before(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'heatline-names-'));
    fs.mkdirSync(path.join(folder, 'site/package/inner'), { recursive: true });
    for (const name of ['site/package', 'site/package/inner']) fs.writeFileSync(path.join(folder, name, '__init__.py'), '');
  });
  after(() => fs.rmSync(folder, { recursive: true }));

  it('begin with the outermost package', () => {
    const names = new ShortNames();
    const of = (file: string): string => {
      names.learn([file], process.pid, path.join(folder, 'site'));
      return names.get(file);
    };
    assert.equal(of(path.join(folder, 'site/package/inner/module.py')), 'package/inner/module.py');
    assert.equal(of(path.join(folder, 'site/package/__init__.py')), 'package/__init__.py');
    assert.equal(of(path.join(folder, 'site/script.py')), 'script.py');
    assert.equal(of('package/inner/module.py'), 'package/inner/module.py');
    assert.equal(of('./script.py'), 'script.py');
    assert.equal(of('/nowhere/at/all.py'), 'all.py');
    for (const name of ['', '<string>', '<frozen importlib._bootstrap>', 'a\0b']) assert.equal(of(name), name);
  });

  it('are what they were when the program ran', () => {
    const names = new ShortNames();
    const file = path.join(folder, 'site/package/inner/module.py');
    names.learn([file], process.pid, null);
    assert.equal(names.get('relative.py'), 'relative.py');
    fs.rmSync(path.join(folder, 'site/package/__init__.py'));
    names.learn([file], process.pid, null);
    assert.equal(names.get(file), 'package/inner/module.py');
  });
});
