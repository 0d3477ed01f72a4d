import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import * as vscode from 'vscode';
import { functionTimes } from '../../../profile/functionTimes.ts';
import { StackWeights } from '../../../profile/weights.ts';
import type { HeatlineApi } from '../../../src/api.ts';
import { withoutDebugger } from '../../../src/debugging/debuggerFrames.ts';
import { readableDebuggee } from '../../../src/debugging/readableDebuggee.ts';
import type { ProfileSource } from '../../../src/profileSource.ts';
import { click, hasBridge, hover, screenshot, waitFor } from './bridge.ts';
import { event, hasSeen, until } from './waiting.ts';

/** Debian's, which has the package python3-debugpy; the extension in ../debugAdapter uses it, too. */
const python = '/usr/bin/python3';
const hasDebugpy = fs.existsSync('/usr/lib/python3/dist-packages/debugpy');
const programsFolder = path.resolve(vscode.workspace.workspaceFolders![0]!.uri.fsPath, '../editor/programs');
const spin = path.join(programsFolder, 'spin.py');

const configuration = (given: object = {}): vscode.DebugConfiguration => ({
  type: 'debugpy',
  name: 'spin',
  request: 'launch',
  program: spin,
  console: 'internalConsole',
  cwd: programsFolder,
  ...given,
});

/** Starts a debug session and resolves when it runs. */
async function debug(given: object = {}, options: vscode.DebugSessionOptions = {}): Promise<vscode.DebugSession> {
  const started = event(vscode.debug.onDidStartDebugSession, ({ parentSession }) => parentSession === undefined);
  assert.equal(await vscode.debug.startDebugging(undefined, configuration(given), options), true);
  return started;
}

function files({ profile }: ProfileSource): Set<string> {
  return new Set(profile.functions.map(({ file }) => path.basename(file)));
}

describe('profiling debug sessions', function () {
  if (!hasDebugpy) {
    it('needs debugpy (npm run setup)', function () {
      this.skip();
    });
    return;
  }

  let api: HeatlineApi;
  let others: ChildProcess[];
  before(async () => {
    api = await vscode.extensions.getExtension<HeatlineApi>('heatline.heatline')!.activate();
  });
  beforeEach(() => {
    others = [];
  });
  afterEach(async () => {
    await vscode.debug.stopDebugging();
    for (const { id } of api.profiles) await vscode.commands.executeCommand('heatline.stop', id);
    for (const process of others) process.kill('SIGKILL');
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  /** What the debugger itself says. */
  async function pidOf(session: vscode.DebugSession): Promise<number> {
    const info = (await session.customRequest('debugpySystemInfo')) as { readonly process: { readonly pid: number } };
    return info.process.pid;
  }

  /** The next profile that is begun, when it has samples of the program's work. */
  async function nextProfile(): Promise<ProfileSource> {
    const profile = await event(api.onDidAddProfile);
    await until(profile, hasSeen('work'));
    return profile;
  }

  async function profiled(...args: unknown[]): Promise<ProfileSource> {
    const profile = await vscode.commands.executeCommand<ProfileSource | undefined>('heatline.profileDebugSession', ...args);
    assert.ok(profile !== undefined, 'no profile was begun');
    await until(profile, hasSeen('work'));
    return profile;
  }

  it('shows what the threads of a session’s program do', async () => {
    const session = await debug();
    const pid = await pidOf(session);
    try {
      let text: string;
      do {
        assert.notEqual(await vscode.commands.executeCommand('heatline.showDebugSessionStacks', { sessionId: session.id }), undefined);
        await vscode.commands.executeCommand('heatline.copyStacks');
        text = await vscode.env.clipboard.readText();
      } while (!text.includes(`work (${spin}:`));
      assert.ok(text.startsWith(`spin.py (process ${pid}), Python 3.`), text.slice(0, 200));
      assert.match(text, /\nMainThread – /);
    } finally {
      await vscode.commands.executeCommand('heatline.closeStacks');
    }
  });

  for (const terminal of ['internalConsole', 'integratedTerminal']) {
    it(`finds the program of a session (${terminal}) and hides the debugger in it`, async () => {
      const session = await debug({ console: terminal });
      const profile = await profiled();
      assert.equal(profile.profile.processes[0]?.pid, await pidOf(session));
      assert.ok(files(profile).has('spin.py'));
      // The debugger's frames are recorded, and hidden where the profile is shown.
      await until(profile, (source) => [...files(source)].some((file) => file.startsWith('pydevd')));
      const times = functionTimes(new StackWeights(profile.profile, { treatment: withoutDebugger }));
      const shown = times.map(({ func }) => profile.profile.functions[func]!);
      assert.ok(shown.some(({ name }) => name === 'work'));
      assert.deepEqual(
        shown.filter(({ file }) => file.includes('pydev') || file.includes('debugpy')),
        [],
      );
    });
  }

  // Whether the kernel then lets us read what it would not let us read otherwise takes a kernel that has Yama.
  it('lets a program in the terminal allow us to read it, and the debugger does not notice', async () => {
    const cli = path.join(vscode.extensions.getExtension('heatline.heatline')!.extensionPath, 'dist/cli.js');
    const reader = { ptraceScope: 1, pid: process.pid, executable: process.execPath, cli, environment: {} };
    const changed = readableDebuggee(configuration({ console: 'integratedTerminal', python: [python, '-I'] }), reader);
    assert.ok(changed !== undefined);
    const session = await debug(changed);
    const profile = await profiled();
    const pid = await pidOf(session);
    assert.equal(profile.profile.processes[0]?.pid, pid);
    assert.ok(files(profile).has('spin.py'));
    const commandLine = fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    assert.deepEqual(commandLine.slice(0, 2), [python, '-I']);
  });

  it('offers itself where one debugs', async function () {
    if (!hasBridge) this.skip();
    const document = await vscode.workspace.openTextDocument(spin);
    await vscode.window.showTextDocument(document);
    const started = event(vscode.debug.onDidStartDebugSession, ({ parentSession }) => parentSession !== undefined);
    const session = await debug({ args: ['child'], subProcess: true });
    await started; // the call stack has rows for sessions where there is more than one
    await waitFor('.debug-toolbar .codicon-flame');
    await vscode.commands.executeCommand('workbench.debug.action.focusCallStackView');
    const row = '.debug-call-stack .monaco-list-row[aria-level="1"]:has(.session)';
    await hover(row);
    const begun = nextProfile();
    await click(`${row} .codicon-flame`);
    assert.equal((await begun).profile.processes[0]?.pid, await pidOf(session));
    await waitFor('.table-body .table-row', '.flame-canvas');
    await api.heatSettled();
    await screenshot('debug-session');
  });

  it('profiles a child process of its own, by the call stack’s menu', async () => {
    const started = event(vscode.debug.onDidStartDebugSession, ({ parentSession }) => parentSession !== undefined);
    const session = await debug({ args: ['child'], subProcess: true });
    const child = await started;
    const [parentPid, childPid] = [await pidOf(session), await pidOf(child)];
    assert.notEqual(parentPid, childPid);
    const profile = await profiled(child.id, { sessionId: child.id, threadId: 1 });
    assert.deepEqual(
      profile.profile.processes.map(({ pid }) => pid),
      [childPid],
    );
  });

  it('profiles a program together with its child processes', async () => {
    const session = await debug({ args: ['child'], subProcess: false });
    const profile = await profiled({ sessionId: session.id });
    await until(profile, ({ profile: { processes } }) => processes.length === 2);
    assert.equal(profile.profile.processes[0]?.pid, await pidOf(session));
    assert.equal(profile.profile.processes[1]?.parent, 0);
  });

  /** Starts a program that waits for a debugger. */
  async function startWaiting(...options: readonly string[]): Promise<{ readonly pid: number; readonly port: number }> {
    const port = await freePort();
    const program = spawn(python, ['-m', 'debugpy', '--listen', `127.0.0.1:${port}`, ...options, spin], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    others.push(program);
    await listening(port);
    return { pid: program.pid!, port };
  }

  it('profiles a program that was attached to', async () => {
    const { pid, port } = await startWaiting('--wait-for-client');
    await debug({ request: 'attach', program: undefined, connect: { host: '127.0.0.1', port } });
    const profile = await profiled();
    assert.equal(profile.profile.processes[0]?.pid, pid);
  });

  it('asks which of the debugged processes it is, where a session does not say so', async function () {
    if (!hasBridge) this.skip();
    const [first, second] = [await startWaiting(), await startWaiting()];
    const session = await debug({ type: 'python', request: 'attach', program: undefined });
    const begun = nextProfile();
    const done = vscode.commands.executeCommand('heatline.profileDebugSession', session.id);
    for (const { pid } of [first, second]) await waitFor(`.quick-input-list .monaco-list-row:has-text("${pid}")`);
    await screenshot('debug-which-process');
    await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
    await done;
    assert.equal((await begun).profile.processes[0]?.pid, second.pid, 'the younger one comes first');
  });

  it('runs again without the debugger, whose frames are not there then', async () => {
    const session = await debug();
    const first = await pidOf(session);
    const added = event(vscode.debug.onDidStartDebugSession, ({ id }) => id !== session.id);
    const begun = nextProfile();
    await vscode.commands.executeCommand('heatline.profileWithoutDebugging');
    assert.equal((await added).configuration['noDebug'], true);
    const profile = await begun;
    assert.ok(files(profile).has('spin.py'));
    assert.notEqual(profile.profile.processes[0]?.pid, first);
    assert.deepEqual(
      [...files(profile)].filter((file) => file.startsWith('pydevd')),
      [],
    );
  });

  it('profiles every session when told to', async () => {
    const settings = vscode.workspace.getConfiguration('heatline');
    await settings.update('profileDebugSessions', true, vscode.ConfigurationTarget.Global);
    try {
      const begun = nextProfile();
      const session = await debug();
      assert.equal((await begun).profile.processes[0]?.pid, await pidOf(session));
    } finally {
      await settings.update('profileDebugSessions', undefined, vscode.ConfigurationTarget.Global);
    }
  });

  it('ends with the session', async () => {
    const session = await debug();
    const profile = await profiled();
    await vscode.debug.stopDebugging(session);
    await until(profile, ({ state }) => state === 'ended');
    assert.match(profile.endMessage!, /process has ended/);
  });
});

async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Resolves when someone listens at the port. Asks the system: debugpy takes the first who connects for its client. */
async function listening(port: number): Promise<void> {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')} 00000000:0000 0A`;
  while (!fs.readFileSync('/proc/net/tcp', 'latin1').includes(wanted)) await new Promise((resolve) => setTimeout(resolve, 50));
}
