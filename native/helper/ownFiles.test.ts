import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { unsafeFile } from './ownFiles.ts';

const onLinux = process.platform === 'linux' && process.arch === 'x64';

(onLinux ? describe : describe.skip)('What would be started as root', () => {
  let folder: string;
  let cli: string;
  let library: string;
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'heatline-test-'));
    cli = path.join(folder, 'dist/cli.js');
    library = path.join(folder, 'node_modules/@koromix/koffi-linux-x64');
    for (const packaged of [library, path.join(folder, 'node_modules/koffi')]) {
      fs.mkdirSync(packaged, { recursive: true });
      fs.writeFileSync(path.join(packaged, 'index.js'), '');
    }
    fs.mkdirSync(path.dirname(cli));
    for (const name of ['cli.js', 'worker.js']) fs.writeFileSync(path.join(folder, 'dist', name), '');
  });
  afterEach(() => fs.rmSync(folder, { recursive: true }));

  it('is safe where only its user can change it', () => {
    assert.equal(unsafeFile(cli), null);
  });

  it('is not where others can change the program, what it loads, or Node’s libraries', () => {
    for (const file of [cli, path.join(folder, 'dist/worker.js'), path.join(library, 'index.js'), path.join(folder, 'node_modules')]) {
      const { mode } = fs.statSync(file);
      fs.chmodSync(file, mode | 0o002);
      assert.equal(unsafeFile(cli), file);
      fs.chmodSync(file, mode);
    }
  });
});
