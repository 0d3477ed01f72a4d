import { type SpawnOptions, spawn, type ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { obstacleToTestUsers, TestUser } from '../../support/testUser.ts';

const root = path.resolve(import.meta.dirname, '../../..');

/** A user that owns nothing, with a Heatline in a folder that everybody may read. */
export class Guest {
  readonly user = new TestUser();
  readonly userId = this.user.userId;
  readonly groupId = this.user.groupId;
  /** Belongs to root, can be read by all. */
  readonly folder: string;
  readonly node: string;
  readonly cli: string;

  constructor() {
    this.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'heatline-rights-'));
    fs.chmodSync(this.folder, 0o755);
    this.node = isReachable(process.execPath, 5) ? process.execPath : this.copy(process.execPath, 'node');
    this.cli = this.copy(path.join(root, 'dist/cli.js'), 'dist/cli.js');
    for (const name of fs.readdirSync(path.join(root, 'dist')))
      if (name === 'worker.js' || /^shared-\w+\.js$/.test(name)) this.copy(path.join(root, 'dist', name), `dist/${name}`);
    fs.writeFileSync(path.join(this.folder, 'package.json'), '{"type":"module"}');
    for (const name of ['koffi', '@koromix']) this.copy(path.join(root, 'node_modules', name), `node_modules/${name}`);
  }

  /** Lets the user become root without a password, until `forbidSudo` or `remove`. */
  allowSudo(): void {
    this.user.allowSudo('without password');
  }

  forbidSudo(): void {
    this.user.forbidSudo();
  }

  /** Starts a program as this user, with nothing of our environment. */
  spawn(program: string, args: readonly string[], options: SpawnOptions = {}): ChildProcess {
    return spawn(program, args, { cwd: '/', env: { PATH: '/usr/bin:/bin' }, uid: this.userId, gid: this.groupId, ...options });
  }

  remove(): void {
    fs.rmSync(this.folder, { recursive: true, force: true });
    this.user.remove();
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
  return obstacleToTestUsers() ?? (fs.existsSync(path.join(root, 'dist/cli.js')) ? null : 'it is not built');
}
