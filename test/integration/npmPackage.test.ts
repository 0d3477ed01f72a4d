import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { npm, run } from '../../scripts/command.ts';
import { makeNpmPackage } from '../../scripts/npmPackage.ts';
import { nodesFor } from '../../scripts/setup/nodes.ts';
import { interpreters } from '../support/interpreters.ts';
import { startTarget } from '../support/target.ts';

const script = path.join(import.meta.dirname, 'targets', 'behaviour.py');

describe('the npm package', function () {
  this.timeout(120_000);
  let folder: string;
  let cli: string;
  before(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'heatline-test-'));
    fs.writeFileSync(path.join(folder, 'package.json'), '{ "private": true }');
    const file = await makeNpmPackage();
    // What npm fetched for the project, which koffi is of, it has still.
    await run(process.execPath, npm('install', '--prefer-offline', file), { workingDirectory: folder });
    cli = path.join(folder, 'node_modules', '.bin', 'heatline');
  });
  after(() => fs.rmSync(folder, { recursive: true, force: true }));

  it('has the command line, and koffi for this system only', () => {
    const installed = path.join(folder, 'node_modules');
    assert.deepEqual(fs.readdirSync(path.join(installed, 'heatline')).sort(), [
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'dist',
      'docs',
      'package.json',
    ]);
    assert.deepEqual(fs.readdirSync(path.join(installed, '@koromix')), [`koffi-${process.platform}-${process.arch}`]);
    const readme = fs.readFileSync(path.join(installed, 'heatline', 'README.md'), 'utf8');
    for (const [, link] of readme.matchAll(/\]\(([^)#]+)/g)) assert.ok(fs.existsSync(path.join(installed, 'heatline', link!)), link);
  });

  for (const { version, node } of nodesFor()) {
    it(`samples, dumps and lists under Node ${version}`, async function () {
      if (node === null) this.skip();
      await using target = await startTarget(interpreters.at(-1)!, script, { arguments: ['threads'] });
      const heatline = (...args: string[]): string => execFileSync(node, [cli, ...args], { encoding: 'utf8', cwd: folder });
      const pid = String(target.pid);
      assert.match(heatline('--version'), /\d+\.\d+\.\d+/);
      assert.match(heatline('list'), new RegExp(`^\\s*${pid}\\s`, 'm'));
      assert.match(heatline('dump', '-p', pid), /MainThread/);
      assert.match(heatline('record', '-p', pid, '-d', '0.5', '-i', '-q', '-f', 'raw', '-o', '-'), /behaviour\.py:\d+\) \d+$/m);
      assert.match(heatline('record', '-p', pid, '-d', '0.5', '-q', '-f', 'html', '-o', '-'), /<script>/);
      assert.match(
        heatline('record', '-q', '-f', 'raw', '-o', '-', '--', interpreters.at(-1)!.path, '-c', 'sum(range(9_000_000))'),
        / \d+$/m,
      );
    });
  }
});
