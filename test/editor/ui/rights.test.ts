import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import type { Locator } from 'playwright-core';
import type { Target } from '../../support/target.ts';
import { obstacleToTestUsers, TestUser } from '../../support/testUser.ts';
import { installVsix, makeSandbox, type Sandbox } from '../../support/vscodeServer.ts';
import { Workbench } from '../../support/workbench.ts';
import { startDemo } from '../demo.ts';
import { demoFolder, packedExtension } from '../packedExtension.ts';

/** Someone who is not root profiles what belongs to root: each step takes up where the one before ended. */
describe('profiling what belongs to root', () => {
  let user: TestUser;
  let sandbox: Sandbox;
  let workbench: Workbench | undefined;
  let target: Target;
  let terminal: Locator;

  before(async function () {
    const obstacle = obstacleToTestUsers();
    if (obstacle !== null) {
      console.log(`      skipped: ${obstacle}`);
      this.skip();
    }
    user = new TestUser();
    user.allowSudo('with password');
    sandbox = makeSandbox({ 'terminal.integrated.gpuAcceleration': 'off' }); // a terminal's text is in the page then
    await installVsix(sandbox, packedExtension);
    const project = path.join(sandbox.folder, 'project');
    fs.cpSync(demoFolder, project, { recursive: true });
    target = await startDemo(project);
    workbench = await Workbench.open(sandbox, project, { user });
    terminal = workbench.page.locator('.terminal-wrapper.active .xterm-rows');
    await workbench.openFile('index.py');
  });
  after(async () => {
    await workbench?.close();
    if (obstacleToTestUsers() !== null) return;
    user.remove();
    await target.kill();
  });
  afterEach(async function () {
    if (this.currentTest?.isFailed() === true) await workbench?.screenshot(`failed-${this.currentTest.title.replaceAll(/\W+/g, '-')}`);
  });

  async function ask(command = 'Heatline: Profile Running Python Process'): Promise<void> {
    await workbench!.command(command);
    await workbench!.quickInput.fill(String(target.pid));
    await workbench!.quickPickRow(`${target.pid} ·`).click();
  }

  /** The process that reads the target. */
  function reader(): number | undefined {
    const isReader = (pid: string): boolean => {
      try {
        const words = fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
        return words[2] === 'helper' && words[words.indexOf('--pid') + 1] === String(target.pid);
      } catch {
        return false; // it is gone
      }
    };
    const found = fs.readdirSync('/proc').find((name) => /^\d+$/.test(name) && isReader(name));
    return found === undefined ? undefined : Number(found);
  }

  it('says whose it is and offers to ask for root in a terminal', async () => {
    await ask();
    const offer = workbench!.notification(
      new RegExp(`main\\.py \\(process ${target.pid}\\) belongs to root, and only that user or root may read its memory\\.`),
    );
    await offer.waitFor();
    await workbench!.screenshot('rights-offer');
    await offer.getByRole('button', { name: 'Read It as Root in Terminal…' }).click();
    await terminal.getByText(`Heatline asks sudo for the right to read process ${target.pid}`).waitFor();
    await terminal.getByText('password for').waitFor();
  });

  it('says that nothing is profiled when the terminal is closed', async () => {
    await workbench!.command('Terminal: Kill the Active Terminal Instance');
    const message = workbench!.notification('The question for a password was closed');
    await message.waitFor();
    assert.equal(reader(), undefined);
    await message.getByRole('button', { name: 'Try Again' }).click();
    await workbench!.notification('belongs to root').getByRole('button', { name: 'Read It as Root in Terminal…' }).click();
    await terminal.getByText('password for').waitFor();
  });

  it('shows heat when the password was typed, and reads without any right', async () => {
    await workbench!.terminalHasFocus();
    await workbench!.page.keyboard.type(`${user.password}\n`);
    await workbench!.statusBarItem(/main\.py: [1-9][\d.,]*k?\/s/i).waitFor();
    await workbench!.page.locator('.glyph-margin-widgets .cgmr').first().waitFor();
    await (await workbench!.webview('.flame-canvas')).locator('.table-body .table-row').first().waitFor();
    await workbench!.screenshot('rights-heat');
    const status = fs.readFileSync(`/proc/${reader()!}/status`, 'utf8');
    assert.match(status, /^Uid:\t65534\t65534\t65534\t65534$/m);
    for (const name of ['CapPrm', 'CapEff', 'CapInh', 'CapAmb']) assert.match(status, new RegExp(`^${name}:\\t0{16}$`, 'm'));
  });

  it('looks at tasks in the same way', async () => {
    const { page } = workbench!;
    const first = await page.locator('.terminal-wrapper.active').elementHandle();
    await ask('Heatline: Show asyncio Tasks');
    await workbench!.notification('belongs to root').getByRole('button', { name: 'Read It as Root in Terminal…' }).click();
    // The first terminal, in which the helper runs that samples, has a question for the password, too.
    await workbench!.until(`(first) => ![null, first].includes(document.querySelector('.terminal-wrapper.active'))`, first);
    await terminal.getByText('password for').waitFor();
    await workbench!.terminalHasFocus();
    await workbench!.page.keyboard.type(`${user.password}\n`);
    await workbench!.page.getByText('No unfinished tasks. The program has not imported asyncio.').waitFor();
    await workbench!.screenshot('rights-tasks');
  });

  it('ends with the editor, and the program goes on', async () => {
    const pid = reader()!;
    await workbench!.close();
    workbench = undefined;
    while (fs.existsSync(`/proc/${pid}`)) await new Promise((resolve) => setTimeout(resolve, 50));
    assert.ok(process.kill(target.pid, 0));
  });
});
