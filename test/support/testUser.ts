import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';

let count = 0;

/** A user that owns nothing and is in no group, made by root for a test. */
export class TestUser {
  readonly name = `heatline-test-${process.pid}-${++count}`;
  readonly userId: number;
  readonly groupId: number;
  readonly password = randomBytes(9).toString('hex');
  private readonly sudoers = `/etc/sudoers.d/${this.name}`;

  constructor() {
    execFileSync('useradd', ['--system', '--no-create-home', '--shell', '/usr/sbin/nologin', this.name]);
    execFileSync('chpasswd', { input: `${this.name}:${this.password}\n` });
    const ids = execFileSync('getent', ['passwd', this.name], { encoding: 'utf8' }).split(':');
    this.userId = Number(ids[2]);
    this.groupId = Number(ids[3]);
  }

  /** Lets the user become root, until `forbidSudo` or `remove`. */
  allowSudo(asked: 'with password' | 'without password'): void {
    const tag = asked === 'without password' ? 'NOPASSWD: ' : '';
    fs.writeFileSync(this.sudoers, `${this.name} ALL=(root) ${tag}ALL\n`, { mode: 0o440, flag: 'wx' });
  }

  forbidSudo(): void {
    fs.rmSync(this.sudoers, { force: true });
  }

  remove(): void {
    this.forbidSudo();
    execFileSync('userdel', [this.name], { stdio: ['ignore', 'ignore', 'ignore'] });
  }
}

/** Why there can be no such user here who reads by sudo, or null. */
export function obstacleToTestUsers(): string | null {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'there is no helper for this system';
  if (process.getuid?.() !== 0) return 'only root can make a user';
  for (const program of ['/usr/sbin/useradd', '/usr/sbin/chpasswd', '/usr/bin/sudo'])
    if (!fs.existsSync(program)) return `there is no ${program}`;
  return null;
}
