/**
 * Sets everything up and opens a VS Code that has Heatline installed, with a Python program running
 * under it, ready to be profiled. Ctrl-C ends all of it.
 *
 *   npm start [-- --port NUMBER] [--python EXECUTABLE] [--desktop]
 *
 * --desktop uses the VS Code of this desktop (the command `code`), in a profile of its own.
 */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { installVsix, makeSandbox, removeSandbox, startServer, workbenchUrl, type Sandbox } from '../test/support/vscodeServer.ts';
import { findProgram, root, run } from './command.ts';
import { makePackage } from './package.ts';
import { describeMissing, setUp } from './setup.ts';
import { isVSCodeInstalled } from './setup/vscode.ts';

const demo = path.join(root, 'test', 'demo');

const { values: options } = parseArgs({
  options: { port: { type: 'string', default: '0' }, python: { type: 'string' }, desktop: { type: 'boolean', default: false } },
});
/** What to undo at the end, the newest first. */
const cleanUp: (() => Promise<void> | void)[] = [];
const interrupted = new Promise<void>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve());
});

let exitCode = 0;
try {
  await Promise.race([interrupted, start()]);
  console.log('\nStopping …');
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  exitCode = 1;
}
for (const undo of cleanUp.reverse()) await undo();
process.exit(exitCode); // start() may still be in the middle of something

/** Resolves when VS Code has been ended by somebody else. */
async function start(): Promise<void> {
  const port = Number(options.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new Error(`--port takes a number from 0 to 65535, not "${options.port}".`);
  console.log('Packing Heatline …');
  const [missing, vsix] = await Promise.all([
    setUp(options.desktop ? [] : ['compiler', 'vscode']),
    makePackage(`${process.platform}-${process.arch}`),
  ]);
  if (!options.desktop && !isVSCodeInstalled()) throw new Error(`VS Code could not be set up:\n${describeMissing(missing)}`);
  const sandbox = makeSandbox({ 'workbench.colorTheme': 'Dark Modern' });
  cleanUp.push(() => removeSandbox(sandbox));

  const pid = await startDemo(options.python ?? (await newestPython()));
  const vscode = options.desktop ? await openDesktop(sandbox, vsix) : await openBrowser(sandbox, vsix, port);
  console.log(`
A Python program is running: process ${pid}, source in ${path.relative(process.cwd(), demo) || '.'}

  1. In VS Code click the flame at the left edge (or press F1 and choose "Heatline: Profile Running Python Process").
  2. Pick main.py, or type ${pid}.
  3. Open library/index.py and library/text.py and watch them warm up.

Or click the flame at the right above main.py, which is open, and it is started once more under Heatline. The tour is under F1, "Welcome: Open Walkthrough…".

Ctrl-C here ends VS Code and the program.
`);
  await vscode.ended;
}

interface Opened {
  readonly ended: Promise<void>;
}

/** Starts VS Code's server; opens its page if there is a screen. */
async function openBrowser(sandbox: Sandbox, vsix: string, port: number): Promise<Opened> {
  await installVsix(sandbox, vsix);
  const server = await startServer(sandbox, { port });
  cleanUp.push(() => server.stop());
  // As the workbench itself names files of its server.
  const url = workbenchUrl(server, demo, [['openFile', `vscode-remote://127.0.0.1:${server.port}${path.join(demo, 'main.py')}`]]);
  console.log(`\nVS Code is at ${url}`);
  const opener = process.env['DISPLAY'] === undefined && process.env['WAYLAND_DISPLAY'] === undefined ? null : findProgram('xdg-open');
  if (opener !== null)
    spawn(opener, [url], { stdio: 'ignore', detached: true })
      .on('error', () => undefined)
      .unref();
  return server;
}

/** Opens a window of the desktop's VS Code, with user data and extensions of its own. */
async function openDesktop(sandbox: Sandbox, vsix: string): Promise<Opened> {
  const code = findProgram('code');
  if (code === null) throw new Error('--desktop needs VS Code\'s command "code" on the PATH.');
  const folders = ['--user-data-dir', sandbox.userData, '--extensions-dir', sandbox.extensions];
  await run(code, [...folders, '--install-extension', vsix]);
  const window = spawn(code, [...folders, '--new-window', '--wait', demo, path.join(demo, 'main.py')], { stdio: 'ignore', detached: true });
  cleanUp.push(() => {
    try {
      process.kill(-window.pid!, 'SIGTERM');
    } catch {
      // It is closed already.
    }
  });
  return { ended: new Promise((resolve) => window.once('close', () => resolve())) };
}

/** Starts the demo program and returns its process id once it has said that it is running. */
async function startDemo(python: string): Promise<number> {
  const child = spawn(python, ['main.py'], {
    cwd: demo,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
  });
  cleanUp.push(() => void child.kill('SIGKILL'));
  process.once('exit', () => child.kill('SIGKILL'));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => reject(new Error(`The demo program ended at once under ${python}.`)));
    child.stdout.once('data', () => resolve(child.pid!));
  });
}

/** The newest Python here that Heatline profiles. */
async function newestPython(): Promise<string> {
  const { since } = await import('../test/support/interpreters.ts');
  const newest = since(3, 11).at(-1);
  if (newest === undefined) throw new Error('No Python 3.11 or newer was found. Name one with --python.');
  return newest.path;
}
