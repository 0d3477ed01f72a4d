import assert from 'node:assert/strict';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { since } from '../../support/interpreters.ts';
import { startTarget, type Target } from '../../support/target.ts';
import { Guest, isReachable, obstacleToGuests } from './guest.ts';

const host = path.join(import.meta.dirname, 'host.ts');

describe('a helper in a terminal', function () {
  this.timeout(120_000);
  let guest: Guest | null = null;
  let target: Target;
  before(async function () {
    const obstacle = obstacleToGuests() ?? (isReachable(host, 4) ? null : 'other users can’t read this folder');
    if (obstacle !== null || since(3, 12).length === 0) {
      console.log(`      skipped: ${obstacle ?? 'there is no Python'}`);
      this.skip();
    }
    guest = new Guest();
    target = await startTarget(since(3, 12)[0]!, path.join(import.meta.dirname, 'busy.py'));
  });
  after(async () => {
    guest?.remove();
    if (guest !== null) await target.kill();
  });

  async function run(...program: readonly string[]): Promise<{ events: readonly unknown[]; said: string }> {
    const temporary = fs.mkdtempSync(path.join(os.tmpdir(), 'heatline-host-'));
    fs.chownSync(temporary, guest!.userId, guest!.groupId);
    const child = guest!.spawn(guest!.node, [host, guest!.cli, String(target.pid), ...program], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: '/usr/bin:/bin', TMPDIR: temporary },
    });
    let [output, said] = ['', ''];
    child.stdout!.setEncoding('utf8').on('data', (more: string) => (output += more));
    child.stderr!.setEncoding('utf8').on('data', (more: string) => (said += more));
    const [code] = (await once(child, 'close')) as [number];
    assert.equal(code, 0, said);
    assert.deepEqual(fs.readdirSync(temporary), [], 'its pipes are gone');
    fs.rmdirSync(temporary);
    return {
      events: output
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as unknown),
      said,
    };
  }

  it('samples when sudo lets it', async () => {
    guest!.allowSudo();
    const { events, said } = await run();
    guest!.forbidSudo();
    assert.match(said, new RegExp(`sudo for the right to read process ${target.pid}`));
    assert.equal(events.length, 2);
    assert.equal((events[0] as { readonly type: string }).type, 'started');
    const { reason, names } = events[1] as { readonly reason: string; readonly names: readonly string[] };
    assert.equal(reason, 'stopped');
    assert.ok(['<module>', 'outer', 'inner'].every((name) => names.includes(name)));
  });

  it('says when sudo does not', async () => {
    const { events } = await run();
    assert.deepEqual(events, [
      { type: 'failed', failure: { code: 'not-elevated', pid: target.pid, reason: 'refused', detail: 'it ended with code 1' } },
    ]);
  });

  it('says when the terminal was closed before anything came', async () => {
    const { events } = await run('true');
    assert.deepEqual(events, [{ type: 'failed', failure: { code: 'not-elevated', pid: target.pid, reason: 'dismissed', detail: '' } }]);
  });
});
