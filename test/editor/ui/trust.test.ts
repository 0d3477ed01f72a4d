import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { root } from '../../../scripts/command.ts';
import { startTarget, type Target } from '../../support/target.ts';
import { installVsix, makeSandbox } from '../../support/vscodeServer.ts';
import { Workbench } from '../../support/workbench.ts';
import { newestPython } from '../demo.ts';
import { demoFolder, packedExtension } from '../packedExtension.ts';

describe('an untrusted folder', () => {
  let workbench: Workbench;
  let target: Target;

  before(async () => {
    const sandbox = makeSandbox({ 'security.workspace.trust.startupPrompt': 'never' });
    await installVsix(sandbox, packedExtension);
    const folder = path.join(sandbox.folder, 'project');
    fs.cpSync(demoFolder, folder, { recursive: true });
    target = await startTarget(newestPython(), path.join(folder, 'main.py'), { workingDirectory: folder });
    execFileSync(
      process.execPath,
      [path.join(root, 'dist/cli.js'), 'record', '-p', String(target.pid), '-d', '2', '-o', path.join(folder, 'kept.heatline.json.gz')],
      { stdio: 'ignore' },
    );
    const part = gzipSync('{},'.repeat(100_000));
    fs.writeFileSync(
      path.join(folder, 'bomb.heatline.json.gz'),
      Buffer.concat([gzipSync('{"threads":['), ...Array.from({ length: 1500 }, () => part)]),
    );
    workbench = await Workbench.open(sandbox, folder, { trusted: false });
  });
  after(async () => {
    await workbench.close();
    await target.kill();
  });
  afterEach(async function () {
    if (this.currentTest?.isFailed() === true) await workbench.screenshot(`failed-${this.currentTest.title.replaceAll(/\W+/g, '-')}`);
  });

  it('is told why no process is profiled in it, and what to do', async () => {
    await workbench.openFile('main.py');
    await workbench.statusBarItem('Restricted Mode').waitFor();
    await workbench.command('Heatline: Profile Running Python Process');
    const message = workbench.notification(
      'Heatline reads other processes only in trusted workspaces. Opening saved profiles works here too.',
    );
    await message.waitFor();
    assert.ok(await message.getByRole('button', { name: 'Manage Workspace Trust' }).isVisible());
    await workbench.screenshot('untrusted');
  });

  it('is offered nothing that runs something', async () => {
    assert.equal(await workbench.page.locator('.codelens-decoration').count(), 0);
    const titles = await workbench.commandsFor('Heatline: ');
    assert.ok(
      titles.some((title) => title.includes('Open Profile')),
      titles.join('\n'),
    );
    assert.deepEqual(
      titles.filter((title) => /Heatline: .*(File|Module|Launch|Test|Cell|Kernel|Debug|Tasks|Greenlets)/.test(title)),
      [],
    );
  });

  it('is not harmed by a file that is made to end who reads it', async () => {
    await workbench.page.locator('.explorer-folders-view .monaco-list-row', { hasText: 'bomb.heatline.json.gz' }).dblclick();
    await workbench.notification('This file holds more objects and values than any profile that Heatline can show.').waitFor();
    const page = await workbench.webview('p');
    await page.getByText('This file holds more objects and values').waitFor();
    assert.equal(await workbench.page.locator('.monaco-dialog-modal-block').count(), 0);
    await workbench.command('View: Close Editor');
  });

  it('shows saved profiles, with heat', async () => {
    await workbench.page.locator('.explorer-folders-view .monaco-list-row', { hasText: 'kept.heatline.json.gz' }).dblclick();
    const page = await workbench.webview('.flame-canvas');
    await page.locator('.search-input').fill('index_forever'); // it may be far down in the table
    await page.locator('.table-body .table-row:not([hidden])', { hasText: /index_forever\s*main\.py:24/ }).waitFor();
    await workbench.command('View: Split Editor Right');
    await workbench.openFile('main.py');
    await workbench.page.locator('.glyph-margin-widgets .cgmr').first().waitFor();
    await workbench.screenshot('untrusted-profile');
  });
});
