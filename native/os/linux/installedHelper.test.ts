import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { InstallError } from '../elevation.ts';
import { installedHelper, installHelper, removeHelper } from './installedHelper.ts';

const isRoot = process.platform === 'linux' && process.arch === 'x64' && process.getuid?.() === 0;

(isRoot ? describe : describe.skip)('An installed helper', function () {
  this.timeout(20_000); // it copies Node.js
  let source: string;
  let cli: string;
  let places: { readonly folder: string; readonly actions: string };
  beforeEach(() => {
    source = fs.mkdtempSync(path.join(os.tmpdir(), 'heatline-test-'));
    cli = path.join(source, 'dist/cli.js');
    fs.mkdirSync(path.dirname(cli));
    fs.writeFileSync(cli, "import './shared-CODE1234.js';");
    fs.writeFileSync(
      path.join(source, 'dist/shared-CODE1234.js'),
      'console.log(JSON.stringify([process.execPath, ...process.argv.slice(1), Object.keys(process.env).length]));',
    );
    fs.writeFileSync(path.join(source, 'dist/worker.js'), '');
    for (const name of ['koffi', '@koromix/koffi-linux-x64']) {
      const packaged = path.join(source, 'node_modules', name);
      fs.mkdirSync(packaged, { recursive: true });
      fs.writeFileSync(path.join(packaged, 'index.js'), '');
    }
    for (const file of [source, cli]) fs.chownSync(file, 12_345, 12_345); // a user's
    fs.chmodSync(cli, 0o666);
    places = { folder: path.join(source, 'installed/heatline'), actions: path.join(source, 'actions') };
    fs.mkdirSync(places.actions);
  });
  afterEach(() => fs.rmSync(source, { recursive: true }));

  it('is root’s, runs by itself in an empty environment, and can be taken away', () => {
    assert.equal(installedHelper(5, places), null);
    const action = path.join(places.actions, 'heatline.policy');
    assert.deepEqual(installHelper(cli, 5, places), [places.folder, action]);
    fs.chownSync(source, 0, 0);
    const program = installedHelper(5, places);
    assert.equal(program, path.join(places.folder, 'heatline-helper'));
    assert.ok(fs.readFileSync(action, 'utf8').includes(`>${program}<`));
    const said = JSON.parse(
      execFileSync(program, ['--pid', '7 8'], { encoding: 'utf8', env: { NODE_OPTIONS: '--no-warnings' } }),
    ) as unknown[];
    assert.deepEqual(said, [path.join(places.folder, 'node'), path.join(places.folder, 'cli.js'), 'helper', '--pid', '7 8', 0]);
    assert.deepEqual(installHelper(cli, 5, places), [places.folder, action], 'once more');
    assert.deepEqual(fs.readdirSync(path.dirname(places.folder)), ['heatline']);
    assert.deepEqual(removeHelper(places), [places.folder, action]);
    assert.deepEqual(removeHelper(places), []);
  });

  it('is not used where others than root can change it, or it speaks otherwise', () => {
    installHelper(cli, 5, places);
    assert.equal(installedHelper(5, places), null, 'in a user’s folder');
    fs.chownSync(source, 0, 0);
    assert.notEqual(installedHelper(5, places), null);
    fs.chownSync(path.join(places.folder, 'cli.js'), 12_345, 0);
    assert.equal(installedHelper(5, places), null);
    installHelper(cli, 5, places);
    fs.writeFileSync(path.join(places.folder, 'protocol'), '0');
    assert.equal(installedHelper(5, places), null);
  });

  it('is made of the packed command line alone', () => {
    assert.throws(() => installHelper(path.join(source, 'main.ts'), 5, places), InstallError);
    fs.rmSync(path.join(source, 'node_modules'), { recursive: true });
    assert.throws(() => installHelper(cli, 5, places), InstallError);
    assert.deepEqual(fs.readdirSync(path.dirname(places.folder)), []);
  });
});
