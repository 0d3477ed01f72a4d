import { execFileSync, type SpawnOptions, spawn, type ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../../..');

/** A user that owns nothing, made for a test, with a Heatline in a folder that everybody may read. */
export class Guest {
  readonly name: string;
  readonly userId: number;
  readonly groupId: number;
  /** Belongs to root, can be read by all. */
  readonly folder: string;
  readonly node: string;
  readonly cli: string;
  private readonly sudoers: string;

  constructor() {
    this.name = `heatline-test-${process.pid}`;
    this.sudoers = `/etc/sudoers.d/${this.name}`;
    execFileSync('useradd', ['--system', '--no-create-home', '--shell', '/usr/sbin/nologin', this.name]);
    const ids = execFileSync('getent', ['passwd', this.name], { encoding: 'utf8' }).split(':');
    this.userId = Number(ids[2]);
    this.groupId = Number(ids[3]);
    this.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'heatline-rights-'));
    fs.chmodSync(this.folder, 0o755);
    this.node = isReachable(process.execPath, 5) ? process.execPath : this.copy(process.execPath, 'node');
    this.cli = this.copy(path.join(root, 'dist/cli.js'), 'dist/cli.js');
    this.copy(path.join(root, 'dist/worker.js'), 'dist/worker.js');
    fs.writeFileSync(path.join(this.folder, 'package.json'), '{"type":"module"}');
    for (const name of ['koffi', '@koromix']) this.copy(path.join(root, 'node_modules', name), `node_modules/${name}`);
  }

  /** Lets the user become root without a password, until `forbidSudo` or `remove`. */
  allowSudo(): void {
    fs.writeFileSync(this.sudoers, `${this.name} ALL=(root) NOPASSWD: ALL\n`, { mode: 0o440, flag: 'wx' });
  }

  forbidSudo(): void {
    fs.rmSync(this.sudoers, { force: true });
  }

  /** Starts a program as this user, with nothing of our environment. */
  spawn(program: string, args: readonly string[], options: SpawnOptions = {}): ChildProcess {
    return spawn(program, args, { cwd: '/', env: { PATH: '/usr/bin:/bin' }, uid: this.userId, gid: this.groupId, ...options });
  }

  remove(): void {
    this.forbidSudo();
    fs.rmSync(this.folder, { recursive: true, force: true });
    execFileSync('userdel', [this.name], { stdio: ['ignore', 'ignore', 'ignore'] });
  }

  private copy(from: string, to: string): string {
    const target = path.join(this.folder, to);
    fs.cpSync(from, target, { recursive: true, dereference: true });
    return target;
  }
}

/** Whether everybody may do this with a file: 4 to read it, 5 to execute it, too. */
export function isReachable(file: string, wanted: 4 | 5): boolean {
  for (let at = file; at !== '/'; at = path.dirname(at)) {
    const bits = at === file ? wanted : 5;
    if ((fs.statSync(at).mode & bits) !== bits) return false;
  }
  return true;
}

/** Why there can be no guest here, or null. */
export function obstacleToGuests(): string | null {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'there is no helper for this system';
  if (process.getuid?.() !== 0) return 'only root can make a user';
  for (const program of ['/usr/sbin/useradd', '/usr/bin/sudo']) if (!fs.existsSync(program)) return `there is no ${program}`;
  if (!fs.existsSync(path.join(root, 'dist/cli.js'))) return 'it is not built';
  return null;
}
