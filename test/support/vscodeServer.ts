import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { run } from '../../scripts/command.ts';
import { vscodeEntry, vscodeFolder, vscodeNode } from '../../scripts/setup/vscode.ts';

/** Settings that keep a fresh VS Code quiet: no welcome, no news, no chat, nothing from the network. */
const quietSettings = {
  'workbench.startupEditor': 'none',
  'workbench.enableExperiments': false,
  'workbench.tips.enabled': false,
  'workbench.reduceMotion': 'on',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'chat.disableAIFeatures': true,
  'editor.minimap.enabled': false,
  'files.autoSave': 'off', // on by default in browsers: what tests type into programs would be saved whenever a second passes before they take it back
  'telemetry.telemetryLevel': 'off',
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'update.mode': 'none',
  'update.showReleaseNotes': false,
  'git.enabled': false,
  'typescript.disableAutomaticTypeAcquisition': true,
};

/** A VS Code of its own in a folder of its own: user data, extensions and home are nobody else's. */
export interface Sandbox {
  readonly folder: string;
  readonly userData: string;
  readonly extensions: string;
}

export interface ServerOptions {
  /** 0, the default: any free one. */
  readonly port?: number;
  /** Whether a built VS Code runs extension tests; such a one shows no notifications. */
  readonly smokeTestDriver?: boolean;
  /** Whether folders start out trusted; true unless told. */
  readonly trusted?: boolean;
  /** Who it runs as, if not as us: the sandbox becomes theirs. Only root can do this. */
  readonly user?: { readonly userId: number; readonly groupId: number };
  /** Variables for the server and so for the extension host. */
  readonly environment?: Readonly<Record<string, string>>;
}

export interface VSCodeServer {
  readonly port: number;
  readonly url: string;
  readonly pid: number;
  /** Resolves when it has ended, however that came. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

/**
 * Makes an empty sandbox. It lies in the temporary folder, because VS Code's sockets are in it and
 * their paths may not be longer than 107 bytes.
 * @param machineSettings those of scope machine or machine-overridable, which user settings can't hold for a server
 */
export function makeSandbox(
  settings: Readonly<Record<string, unknown>> = {},
  machineSettings: Readonly<Record<string, unknown>> = {},
): Sandbox {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'heatline-'));
  const sandbox = { folder, userData: path.join(folder, 'user-data'), extensions: path.join(folder, 'extensions') };
  fs.mkdirSync(path.join(sandbox.userData, 'User'), { recursive: true });
  fs.mkdirSync(path.join(sandbox.userData, 'Machine'));
  fs.writeFileSync(path.join(sandbox.userData, 'Machine/settings.json'), JSON.stringify(machineSettings, null, 2));
  fs.mkdirSync(sandbox.extensions);
  fs.writeFileSync(configOf(sandbox), 'auth: none\n');
  fs.writeFileSync(path.join(sandbox.userData, 'User/settings.json'), JSON.stringify({ ...quietSettings, ...settings }, null, 2));
  return sandbox;
}

export function removeSandbox(sandbox: Sandbox): void {
  fs.rmSync(sandbox.folder, { recursive: true, force: true, maxRetries: 3 });
}

/** Installs a .vsix as a person would from the command line. */
export async function installVsix(sandbox: Sandbox, vsix: string): Promise<void> {
  const output = await run(vscodeNode, [vscodeEntry, ...sandboxArguments(sandbox), '--install-extension', vsix], {
    environment: environmentOf(sandbox),
  });
  if (!output.includes('successfully installed')) throw new Error(`VS Code did not install ${vsix}:\n${output}`);
}

/** Starts VS Code's server and waits until it listens. Its output goes to server.log in the sandbox. */
export async function startServer(sandbox: Sandbox, options: ServerOptions = {}): Promise<VSCodeServer> {
  const args = [
    ...sandboxArguments(sandbox),
    ...['--auth', 'none', '--bind-addr', `127.0.0.1:${options.port ?? 0}`],
    ...['--disable-telemetry', '--disable-update-check', '--disable-getting-started-override', '--ignore-last-opened'],
    ...((options.trusted ?? true) ? ['--disable-workspace-trust'] : []),
    ...(options.smokeTestDriver === true ? ['--vscode-option', 'enable-smoke-test-driver'] : []),
  ];
  const [program, ...words] = options.user === undefined ? [vscodeNode, vscodeEntry, ...args] : asUser(sandbox, options.user, args);
  const child = spawn(program!, words, {
    env: { ...process.env, ...environmentOf(sandbox), ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // a process group of its own, which ends as a whole
  });
  const killGroup = (signal: NodeJS.Signals): void => signalGroup(child, signal);
  const killAtExit = (): void => killGroup('SIGKILL');
  process.once('exit', killAtExit);
  const ended = once(child, 'close').then(() => {
    process.off('exit', killAtExit);
  });
  const port = await listeningPort(child, path.join(sandbox.folder, 'server.log'));
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    pid: child.pid!,
    ended,
    async stop() {
      killGroup('SIGTERM');
      const impatience = setTimeout(() => killGroup('SIGKILL'), 5000);
      await ended;
      clearTimeout(impatience);
      killGroup('SIGKILL');
    },
  };
}

/** The address of the workbench with a folder open. */
export function workbenchUrl(server: VSCodeServer, folder: string, payload?: readonly (readonly [string, string])[]): string {
  const url = new URL(server.url);
  url.searchParams.set('folder', folder);
  if (payload !== undefined) url.searchParams.set('payload', JSON.stringify(payload));
  return url.href;
}

async function listeningPort(child: ChildProcess, log: string): Promise<number> {
  const file = fs.createWriteStream(log);
  let output = '';
  return new Promise((resolve, reject) => {
    const listen = (chunk: Buffer): void => {
      file.write(chunk);
      output += chunk.toString();
      const port = /HTTP server listening on http:\/\/127\.0\.0\.1:(\d+)/.exec(output)?.[1];
      if (port === undefined) return;
      output = '';
      resolve(Number(port));
    };
    child.stdout!.on('data', listen);
    child.stderr!.on('data', listen);
    child.once('error', reject);
    child.once('close', (code) => reject(new Error(`VS Code's server ended (${code ?? 'killed'}) before it listened:\n${output}`)));
  });
}

/**
 * Starts VS Code as another user, who may not be able to see the folder it is installed in: it is mounted in the sandbox, for
 * this one process and what it starts.
 */
function asUser(
  sandbox: Sandbox,
  { userId, groupId }: { readonly userId: number; readonly groupId: number },
  args: readonly string[],
): string[] {
  const name = 'node_modules'; // its parent is closed to others
  const mounted = path.join(sandbox.folder, 'vscode', name);
  fs.mkdirSync(mounted, { recursive: true });
  for (const file of ['.', ...fs.readdirSync(sandbox.folder, { recursive: true, encoding: 'utf8' })])
    fs.lchownSync(path.join(sandbox.folder, file), userId, groupId);
  const inside = (file: string): string => path.join(mounted, path.relative(path.join(vscodeFolder, name), file));
  const setpriv = ['setpriv', `--reuid=${userId}`, `--regid=${groupId}`, '--clear-groups', '--'];
  return [
    'unshare',
    '--mount',
    'sh',
    '-c',
    'mount --bind "$0" "$1" && shift && exec "$@"',
    path.join(vscodeFolder, name),
    mounted,
    ...setpriv,
    inside(vscodeNode),
    inside(vscodeEntry),
    ...args,
  ];
}

function sandboxArguments(sandbox: Sandbox): string[] {
  return ['--config', configOf(sandbox), '--user-data-dir', sandbox.userData, '--extensions-dir', sandbox.extensions];
}

function configOf(sandbox: Sandbox): string {
  return path.join(sandbox.folder, 'config.yaml');
}

function environmentOf(sandbox: Sandbox): Record<string, string> {
  return {
    HOME: sandbox.folder,
    XDG_DATA_HOME: path.join(sandbox.folder, 'data'),
    XDG_CONFIG_HOME: path.join(sandbox.folder, 'config'),
    XDG_RUNTIME_DIR: sandbox.folder, // VS Code's sockets go there
    EXTENSIONS_GALLERY: '{"serviceUrl":"","itemUrl":"","resourceUrlTemplate":""}',
  };
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    process.kill(-child.pid!, signal);
  } catch {
    // Nothing of it is left.
  }
}
