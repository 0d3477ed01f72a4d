import fs from 'node:fs';
import path from 'node:path';
import type { Locator } from 'playwright-core';
import { interpreters } from '../../support/interpreters.ts';
import { findPythonTools } from '../../support/pythonTools.ts';
import { installVsix, makeSandbox } from '../../support/vscodeServer.ts';
import { Workbench } from '../../support/workbench.ts';
import { packedExtension, testsFolder } from '../packedExtension.ts';
import { packTestExtension } from '../testExtension.ts';

const tools = findPythonTools(interpreters);

/** Tests are profiled, as a person does it: each step takes up where the one before ended. */
describe('profiling tests in the workbench', () => {
  let workbench: Workbench;
  let terminal: Locator;
  let end: string;

  before(async function () {
    if (tools === null) this.skip();
    const sandbox = makeSandbox({ 'terminal.integrated.gpuAcceleration': 'off' }, { 'heatline.run.python': tools.python });
    end = path.join(sandbox.folder, 'end');
    const settings = path.join(sandbox.userData, 'User/settings.json');
    const environment = { ...tools.environment, HEATLINE_TEST_END: end };
    fs.writeFileSync(
      settings,
      JSON.stringify({ ...(JSON.parse(fs.readFileSync(settings, 'utf8')) as object), 'heatline.run.env': environment }),
    );
    await installVsix(sandbox, packedExtension);
    await installVsix(sandbox, await packTestExtension('testTree'));
    workbench = await Workbench.open(sandbox, testsFolder);
    terminal = workbench.page.locator('.terminal-wrapper.active .xterm-rows');
  });
  after(async () => {
    if (tools !== null) await workbench.close();
  });
  afterEach(async function () {
    if (this.currentTest?.isFailed() === true) await workbench.screenshot(`failed-${this.currentTest.title.replaceAll(/\W+/g, '-')}`);
  });

  it('begins at the lens above a test', async () => {
    await workbench.openFile('test_numbers.py');
    const lens = workbench.page.locator('.codelens-decoration a', { hasText: /Profile tests?$/ });
    await lens.nth(3).waitFor();
    await workbench.screenshot('test-lenses');
    await lens.first().click();
    await terminal.getByText('collected 1 item').waitFor();
    await workbench.statusBarItem(/test_sum: [1-9][\d.,]*k?\/s/i).waitFor();
    await workbench.textAfterLines('total');
    await workbench.screenshot('test-running');
  });

  it('ends with the test, whose output stays', async () => {
    fs.writeFileSync(end, '');
    await terminal.getByText('1 passed').waitFor();
    await workbench.statusBarItem(/test_sum: /).waitFor({ state: 'detached' });
    await workbench.webview('.table-body .table-row');
  });

  it('begins in the Test Explorer, too', async () => {
    fs.rmSync(end);
    await workbench.command('Testing: Focus on Test Explorer View');
    const file = workbench.page.locator('.test-explorer .monaco-list-row', { hasText: 'test_numbers.py' });
    await file.waitFor();
    await file.click();
    await workbench.page.keyboard.press('ArrowRight');
    const test = workbench.page.locator('.test-explorer .monaco-list-row', { hasText: 'test_sums' });
    await test.hover();
    await workbench.screenshot('test-explorer');
    await test.locator('.codicon-flame').click();
    await terminal.getByText('collected 2 items').waitFor();
    await workbench.statusBarItem(/test_sums: /).waitFor();
    fs.writeFileSync(end, '');
    await terminal.getByText('2 passed').waitFor();
  });

  it('is in the menu of the mark beside a test', async () => {
    await workbench.openFile('test_numbers.py');
    await workbench.page.locator('.glyph-margin-widgets .codicon-testing-run-icon').first().click({ button: 'right' });
    await workbench.page.locator('.monaco-menu .action-label', { hasText: 'Profile Test' }).waitFor();
    await workbench.screenshot('test-gutter');
    await workbench.page.keyboard.press('Escape');
  });
});
