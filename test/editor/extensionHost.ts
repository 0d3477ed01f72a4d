import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { build } from 'esbuild';
import type { Page } from 'playwright-core';
import { root } from '../../scripts/command.ts';
import { cacheFolder } from '../support/cache.ts';
import { brokenDown, readTotals, type Totals } from '../support/totals.ts';
import {
  installVsix,
  makeSandbox,
  removeSandbox,
  startServer,
  workbenchUrl,
  type Sandbox,
  type VSCodeServer,
} from '../support/vscodeServer.ts';
import { frameWith, screenshots, startBrowser } from '../support/workbench.ts';
import { packDebugAdapter } from './debugAdapter.ts';
import { jupyterEnvironment, packJupyter } from './jupyter.ts';
import { demoFolder, packedExtension } from './packedExtension.ts';
import type { BridgeRequest } from './suite/bridge.ts';

/** The bundled suite. It poses as an extension under development; the extension under test is installed from its .vsix. */
const suiteFolder = path.join(root, 'out', 'editorSuite');
const totalsFile = path.join(suiteFolder, 'totals.json');
const outputFile = path.join(suiteFolder, 'output.txt');

/** ms for the whole suite to report back; only a hang gets this far. */
const suitePatience = 900_000;

/** Runs the suite in the extension host of the VS Code that set-up installed. */
export async function runSuite(grep: string | undefined): Promise<Totals> {
  await bundleSuite();
  const sandbox = makeSandbox();
  try {
    await installVsix(sandbox, packedExtension);
    await installVsix(sandbox, await packDebugAdapter());
    await installVsix(sandbox, await packJupyter());
    await runInBrowser(sandbox, suiteEnvironment(grep));
  } finally {
    removeSandbox(sandbox);
  }
  return suiteTotals();
}

/** Runs the suite in a desktop VS Code, downloaded by @vscode/test-electron. */
export async function runSuiteInElectron(grep: string | undefined): Promise<Totals> {
  const { downloadAndUnzipVSCode, resolveCliArgsFromVSCodeExecutablePath, runTests } = await import('@vscode/test-electron');
  const { run } = await import('../../scripts/command.ts');
  await bundleSuite();
  const sandbox = makeSandbox();
  try {
    const vscodeExecutablePath = await downloadAndUnzipVSCode('stable');
    const folders = [`--user-data-dir=${sandbox.userData}`, `--extensions-dir=${sandbox.extensions}`];
    const [cli, ...cliArgs] = resolveCliArgsFromVSCodeExecutablePath(vscodeExecutablePath, { reuseMachineInstall: true });
    await run(cli!, [
      ...cliArgs,
      ...folders,
      '--install-extension',
      packedExtension,
      '--install-extension',
      await packDebugAdapter(),
      '--install-extension',
      await packJupyter(),
    ]);
    await runTests({
      vscodeExecutablePath,
      extensionDevelopmentPath: suiteFolder,
      extensionTestsPath: path.join(suiteFolder, 'index.cjs'),
      launchArgs: [demoFolder, ...folders, '--disable-workspace-trust'],
      extensionTestsEnv: suiteEnvironment(grep),
    }).catch((error: unknown) => console.error(String(error))); // the totals tell what failed
  } finally {
    removeSandbox(sandbox);
  }
  return suiteTotals();
}

async function bundleSuite(): Promise<void> {
  fs.rmSync(suiteFolder, { recursive: true, force: true });
  const sources = path.join(root, 'test/editor/suite');
  await build({
    entryPoints: fs
      .readdirSync(sources)
      .filter((name) => name === 'index.ts' || name.endsWith('.test.ts'))
      .map((name) => path.join(sources, name)),
    outdir: suiteFolder,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    sourcemap: 'inline',
    external: ['vscode', 'mocha'],
  });
  const manifest = { name: 'heatline-tests', publisher: 'heatline', version: '0.0.0', engines: { vscode: '*' } };
  fs.writeFileSync(path.join(suiteFolder, 'package.json'), JSON.stringify(manifest));
}

/** The variables that suite/index.ts reads. */
function suiteEnvironment(grep: string | undefined): Record<string, string> {
  // The sandbox has a home of its own, but the cache is the user's.
  return {
    HEATLINE_CACHE: cacheFolder,
    HEATLINE_TOTALS: totalsFile,
    HEATLINE_OUTPUT: outputFile,
    ...jupyterEnvironment,
    ...(grep === undefined ? {} : { HEATLINE_GREP: grep }),
  };
}

async function runInBrowser(sandbox: Sandbox, environment: Readonly<Record<string, string>>): Promise<void> {
  const socket = path.join(sandbox.folder, 'bridge.sock');
  const server = await startServer(sandbox, { smokeTestDriver: true, environment: { ...environment, HEATLINE_BRIDGE: socket } });
  try {
    const browser = await startBrowser(sandbox);
    const page = browser.pages()[0]!;
    const bridge = await listen(page, socket);
    try {
      await suiteEnd(page, server);
    } finally {
      bridge.close();
      await browser.close();
    }
  } finally {
    await server.stop();
  }
}

/** Opens the workbench in test mode and resolves when the extension host says that the suite is through. */
async function suiteEnd(page: Page, server: VSCodeServer): Promise<void> {
  const remote = (file: string): string => `vscode-remote://127.0.0.1:${server.port}${file}`;
  await page.exposeFunction('codeAutomationLog', () => undefined);
  const ended = new Promise<void>((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`The suite did not end in ${suitePatience / 1000} s.\n${readOutput()}`)),
      suitePatience,
    );
    timer.unref();
    page.on('crash', () => reject(new Error('The page of VS Code crashed.')));
    void server.ended.then(() => reject(new Error("VS Code's server ended.")));
    page.exposeFunction('codeAutomationExit', () => resolve()).catch(reject);
  });
  await page.goto(
    workbenchUrl(server, demoFolder, [
      ['extensionDevelopmentPath', remote(suiteFolder)],
      ['extensionTestsPath', remote(path.join(suiteFolder, 'index.cjs'))],
      ['skipWelcome', 'true'],
      ['skipReleaseNotes', 'true'],
    ]),
  );
  await ended;
}

/** Answers what tests in the extension host ask about the page (suite/bridge.ts), on a socket only we can open. */
async function listen(page: Page, socket: string): Promise<http.Server> {
  const server = http.createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (text: string) => (body += text));
    request.on('end', () => {
      answer(page, JSON.parse(body) as BridgeRequest).then(
        (value) => response.end(JSON.stringify({ value: value ?? null })),
        (error: unknown) => response.end(JSON.stringify({ error: String(error) })),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return server;
}

async function answer(page: Page, request: BridgeRequest): Promise<unknown> {
  switch (request.kind) {
    case 'screenshot':
      fs.mkdirSync(screenshots, { recursive: true });
      await page.screenshot({ path: path.join(screenshots, `${request.name}.png`), animations: 'disabled' });
      return null;
    case 'waitFor': {
      const place = request.frame === undefined ? page : await frameWith(page, request.frame);
      await place.locator(request.selector).first().waitFor();
      return place.locator(request.selector).allInnerTexts();
    }
    case 'hover':
    case 'click':
      await page.locator(request.selector).first()[request.kind]();
      return null;
  }
}

/** Shows mocha's output and returns its totals; a suite that wrote none counts as one failure. */
function suiteTotals(): Totals {
  console.log(readOutput());
  return readTotals(totalsFile) ?? brokenDown('The suite broke down in the extension host.');
}

function readOutput(): string {
  return fs.existsSync(outputFile) ? fs.readFileSync(outputFile, 'utf8') : '';
}
