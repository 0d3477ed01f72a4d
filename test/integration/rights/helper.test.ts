import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { decodeMessage, encodeMessage, MessageReader, type HelperMessage } from '../../../native/helper/messages.ts';
import { collapsedLines } from '../../../profile/formats/collapsed.ts';
import { Profile } from '../../../profile/profile.ts';
import { interpreters, since, title } from '../../support/interpreters.ts';
import { startTarget, type Target } from '../../support/target.ts';
import { Guest, obstacleToGuests } from './guest.ts';

const script = path.join(import.meta.dirname, 'busy.py');

describe('the helper', function () {
  this.timeout(120_000);
  let guest: Guest;
  let target: Target;
  let isReady = false;
  before(async function () {
    const obstacle = obstacleToGuests();
    if (obstacle !== null || since(3, 12).length === 0) {
      console.log(`      skipped: ${obstacle ?? 'there is no Python'}`);
      this.skip();
    }
    guest = new Guest();
    isReady = true;
    guest.allowSudo();
    target = await startTarget(since(3, 12)[0]!, script);
  });
  after(async () => {
    if (!isReady) return;
    guest.remove();
    await target.kill();
  });

  /** As the guest would start it: by sudo, with an empty environment. */
  function startHelper(pid: number, more: readonly string[] = [], startTime = startTimeOf(pid)): Helper {
    const args = ['--pid', String(pid), '--start-time', String(startTime), '--rate', '500', ...more];
    return new Helper(
      guest.spawn('/usr/bin/sudo', ['-n', '--', '/usr/bin/env', '-i', guest.node, guest.cli, 'helper', ...args], { stdio: 'pipe' }),
    );
  }

  it('is needed: the user may not read the process, and learns whose it is', async () => {
    const child = guest.spawn(guest.node, [guest.cli, 'record', '-p', String(target.pid), '-d', '1', '-o', '-'], { stdio: 'pipe' });
    const said = text(child.stderr!);
    const [code] = (await once(child, 'close')) as [number];
    assert.equal(code, 1);
    assert.match(await said, /belongs to root/);
  });

  for (const interpreter of interpreters.filter((one) => one.major === 3 && one.minor >= 11)) {
    it(`samples what belongs to root, ${title(interpreter)}`, async () => {
      await using own = await startTarget(interpreter, script);
      const helper = startHelper(own.pid);
      await helper.until('started');
      await helper.untilProfile((profile) => profile.quality.samples > 50);
      helper.send('s');
      assert.deepEqual(await helper.until('ended'), { type: 'ended', reason: 'stopped' });
      assert.equal(await helper.exitCode, 0);
      const { profile } = helper;
      assert.deepEqual(
        [profile.processes[0]!.pid, profile.processes[0]!.pythonVersion, profile.processes[0]!.workingDirectory],
        [own.pid, `${interpreter.version}${interpreter.freeThreaded ? 't' : ''}`, process.cwd()],
      );
      assert.equal(profile.processes[0]!.executable, fs.realpathSync(interpreter.path));
      assert.deepEqual(busiestStack(profile), ['<module>', 'outer', 'inner']);
      assert.equal(profile.quality.lost, 0);
    });
  }

  it('has no rights while it samples: no capability, no group, not root, in any thread', async () => {
    const helper = startHelper(target.pid);
    await helper.until('started');
    const pid = await helper.samplerPid();
    const threads = fs.readdirSync(`/proc/${pid}/task`);
    assert(threads.length > 1);
    for (const thread of threads) {
      const status = statusOf(`/proc/${pid}/task/${thread}/status`);
      assert.deepEqual(status['Uid'], '65534\t65534\t65534\t65534');
      assert.deepEqual(status['Gid'], '65534\t65534\t65534\t65534');
      assert.equal(status['Groups']?.trim(), '');
      for (const name of ['CapInh', 'CapPrm', 'CapEff', 'CapAmb']) assert.equal(Number(`0x${status[name]}`), 0, name);
      assert.deepEqual([status['NoNewPrivs'], status['Seccomp']], ['1', '2']);
    }
    // What it kept: the lowest priority before ordinary programs, for looks that are not late. Root may give that if it has
    // CAP_SYS_RESOURCE (24, linux/capability.h), which containers may lack.
    const mayGive = ((BigInt(`0x${statusOf('/proc/self/status')['CapEff']}`) >> 24n) & 1n) === 1n;
    const kept = mayGive ? /^Max realtime priority +1 +1 /m : /^Max realtime priority +\d+ +\d+ /m;
    assert.match(fs.readFileSync(`/proc/${pid}/limits`, 'latin1'), kept);
    // Not dumpable: its files in /proc belong to root.
    assert.equal(fs.statSync(`/proc/${pid}/maps`).uid, 0);
    assert.equal(fs.readlinkSync(`/proc/${pid}/cwd`), '/');
    helper.send('s');
    assert.equal(await helper.exitCode, 0);
  });

  it('pauses, goes on and stops as it is told', async () => {
    const helper = startHelper(target.pid);
    await helper.until('started');
    helper.send('p');
    await helper.until('paused');
    helper.send('r');
    await helper.until('resumed');
    helper.send('s');
    await helper.until('ended');
    assert.equal(await helper.exitCode, 0);
  });

  it('ends with who asked for it, however they end', async () => {
    // A host that is killed: only the kernel closes its pipes.
    const args = ['--pid', String(target.pid), '--start-time', String(startTimeOf(target.pid)), '--rate', '500'];
    const command = ['/usr/bin/sudo', '-n', '--', '/usr/bin/env', '-i', guest.node, guest.cli, 'helper', ...args];
    const host = guest.spawn(
      guest.node,
      [
        '-e',
        `
      const helper = require('child_process').spawn(process.argv[1], process.argv.slice(2), { stdio: ['pipe', 'pipe', 'inherit'] });
      helper.stdout.pipe(process.stdout);`,
        ...command,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const helper = new Helper(host);
    await helper.until('started');
    const pid = await helper.samplerPid();
    assert.ok(fs.existsSync(`/proc/${pid}`));
    host.kill('SIGKILL');
    await gone(pid);
    // A host that closes its end.
    const other = startHelper(target.pid);
    await other.until('started');
    other.child.stdin!.end();
    assert.equal(await other.exitCode, 4);
  });

  it('ends on anything that is no command', async () => {
    for (const wrong of ['x', 'p\n', '\0', '{"pid":1}', Buffer.from(encodeMessage({ type: 'asking' }))]) {
      const helper = startHelper(target.pid);
      await helper.until('started');
      helper.child.stdin!.write(wrong);
      assert.equal(await helper.exitCode, 3, JSON.stringify(wrong));
    }
  });

  it('refuses what is not a Python, is gone, or is not the process that was meant', async () => {
    const sleep = spawn('sleep', ['1000']);
    try {
      await once(sleep, 'spawn');
      const refusals: readonly [Helper, string][] = [
        [startHelper(sleep.pid!), 'not-python'],
        [startHelper(target.pid, [], startTimeOf(target.pid) + 1), 'no-such-process'],
        [startHelper(2 ** 22 + 1, [], 5), 'no-such-process'],
      ];
      for (const [helper, code] of refusals) {
        const failed = await helper.until('failed');
        assert.equal(failed.type === 'failed' && failed.failure.code, code);
        assert.equal(await helper.exitCode, 1);
        assert.ok(
          helper.messages.some(({ type }) => type === 'ready'),
          'it had given root up by then',
        );
      }
    } finally {
      sleep.kill();
    }
  });

  it('refuses a second target and every argument it does not know', async () => {
    const good = ['--pid', String(target.pid), '--start-time', String(startTimeOf(target.pid)), '--rate', '500'];
    const wrong: readonly (readonly string[])[] = [
      [...good, '--pid', '1'],
      [...good, '1'],
      [...good, '--output', '/etc/passwd'],
      [...good, `--pid=${target.pid}`],
      [...good, '--', 'x'],
      good.slice(2),
      good.slice(0, 4),
      ['--pid', '1x', ...good.slice(2)],
      ['--pid', '0', ...good.slice(2)],
      ['--pid', '-1', ...good.slice(2)],
      [...good.slice(0, 4), '--rate', '1e9'],
      ['--pid'],
    ];
    for (const args of wrong) {
      const { code, stderr, stdout } = await runRoot(args, {});
      assert.deepEqual([code, stdout], [2, ''], args.join(' '));
      assert.match(stderr, /^heatline: /);
    }
  });

  it('refuses to run with an environment that others may have prepared, without root, or on a terminal’s output', async () => {
    const good = ['--pid', String(target.pid), '--start-time', String(startTimeOf(target.pid)), '--rate', '500'];
    for (const name of ['NODE_OPTIONS', 'NODE_PATH', 'LD_LIBRARY_PATH', 'PYTHONPATH', 'OPENSSL_CONF', 'UV_THREADPOOL_SIZE']) {
      const { code, stderr, stdout } = await runRoot(good, { [name]: name === 'UV_THREADPOOL_SIZE' ? '4' : '' });
      assert.deepEqual([code, stdout], [2, ''], name);
      assert.match(stderr, new RegExp(name));
    }
    const child = guest.spawn(guest.node, [guest.cli, 'helper', ...good], { stdio: 'pipe' });
    const said = text(child.stderr!);
    assert.equal((await once(child, 'close'))[0], 2);
    assert.match(await said, /root/);
    const file = fs.openSync(path.join(guest.folder, 'out'), 'w');
    const toFile = spawn(guest.node, [guest.cli, 'helper', ...good], { cwd: '/', env: {}, stdio: ['pipe', file, 'ignore'] });
    assert.equal((await once(toFile, 'close'))[0], 2);
    assert.equal(fs.fstatSync(file).size, 0);
    fs.closeSync(file);
  });

  it('says that it can not see its target where the system hides it from nobody', async function () {
    if (!fs.existsSync('/usr/bin/unshare')) this.skip();
    const command = [
      guest.node,
      guest.cli,
      'helper',
      '--pid',
      String(target.pid),
      '--start-time',
      String(startTimeOf(target.pid)),
      '--rate',
      '500',
    ];
    const hidden = ['-m', 'sh', '-c', 'mount -t proc -o hidepid=2 proc /proc && exec "$@"', 'sh', ...command];
    const helper = new Helper(spawn('/usr/bin/unshare', hidden, { cwd: '/', env: {}, stdio: 'pipe' }));
    assert.deepEqual(await helper.until('failed'), {
      type: 'failed',
      failure: { code: 'permission-denied', pid: target.pid, owner: null, reason: 'hidden' },
    });
  });

  it('notices that its target ends, or executes something else', async () => {
    for (const [message, reason] of [
      ['exit', 'exited'],
      ['exec', 'replaced'],
    ] as const) {
      await using own = await startTarget(since(3, 12)[0]!, script);
      const helper = startHelper(own.pid);
      await helper.until('started');
      own.tell(message);
      assert.deepEqual(await helper.until('ended'), { type: 'ended', reason });
      assert.equal(await helper.exitCode, 0);
    }
  });

  it('tells instructions apart when it is told to, also of a process tree', async () => {
    for (const options of [['--instructions'], ['--subprocesses', '--instructions']]) {
      await using own = await startTarget(since(3, 12)[0]!, script);
      const helper = startHelper(own.pid, options);
      await helper.untilProfile(({ instructions, frameCount }) =>
        Array.from({ length: frameCount }, (_, frame) => instructions.of(frame)?.opcode ?? '').some((name) => name !== ''),
      );
      helper.child.stdin!.end();
      await helper.exitCode;
    }
  });

  it('follows a process tree with one part that stays root and opens descendants only', async () => {
    await using own = await startTarget(since(3, 12)[0]!, script);
    const helper = startHelper(own.pid, ['--subprocesses']);
    await helper.until('started');
    const child = (await own.ask('child')) as number;
    await helper.untilProfile((profile) => profile.processes.length > 1);
    const sampler = await helper.samplerPid();
    assert.match(statusOf(`/proc/${sampler}/status`)['Uid']!, /^65534\t/);
    const broker = Number(statusOf(`/proc/${sampler}/status`)['PPid']);
    assert.match(statusOf(`/proc/${broker}/status`)['Uid']!, /^0\t/);
    await helper.untilProfile((profile) => profile.threads.filter((thread) => profile.processes[thread.process]!.pid === child).length > 0);
    assert.deepEqual(
      helper.profile.processes.map(({ pid }) => pid),
      [own.pid, child],
    );
    assert.equal(helper.profile.processes[1]!.parent, 0);
    helper.child.stdin!.end();
    await helper.exitCode;
    await Promise.all([gone(sampler), gone(broker)]);
  });

  it('follows a daemon that a double fork leaves, and nothing else that loses its parent', async () => {
    await using own = await startTarget(since(3, 12)[0]!, script);
    await using stranger = await startTarget(since(3, 12)[0]!, script);
    const helper = startHelper(own.pid, ['--subprocesses']);
    await helper.until('started');
    const other = (await stranger.ask('daemon')) as number;
    const daemon = (await own.ask('daemon')) as number;
    await helper.untilProfile((profile) => profile.functions.some(({ name }) => name === 'daemon_work'));
    // On a busy machine what forks the daemon, and ends at once, is there for long enough to be seen, too.
    const { processes } = helper.profile;
    assert.deepEqual([processes[0]?.pid, processes[0]?.parent], [own.pid, null]);
    assert.deepEqual(
      processes.slice(1).filter(({ parent }) => parent === null),
      [],
    );
    const pids = processes.map(({ pid }) => pid);
    assert.ok(pids.includes(daemon), pids.join());
    assert.ok(!pids.includes(stranger.pid) && !pids.includes(other), pids.join());
    helper.child.stdin!.end();
    await helper.exitCode;
  });

  async function runRoot(
    args: readonly string[],
    environment: Record<string, string>,
  ): Promise<{ code: number; stderr: string; stdout: string }> {
    const child = spawn(guest.node, [guest.cli, 'helper', ...args], { cwd: '/', env: environment, stdio: 'pipe' });
    const [stderr, stdout] = [text(child.stderr), text(child.stdout)];
    const [code] = (await once(child, 'close')) as [number];
    return { code, stderr: await stderr, stdout: await stdout };
  }
});

/** What comes from a helper. */
class Helper {
  readonly child: ChildProcess;
  readonly messages: HelperMessage[] = [];
  profile = new Profile();
  readonly exitCode: Promise<number | null>;
  private wake: () => void = () => undefined;
  private isOver = false;
  private said = '';

  constructor(child: ChildProcess) {
    this.child = child;
    const reader = new MessageReader();
    child.stdin?.on('error', () => undefined);
    child.stderr?.setEncoding('utf8').on('data', (more: string) => (this.said += more));
    child.stdout!.on('data', (bytes: Buffer) => {
      for (const message of reader.push(bytes).map(decodeMessage)) {
        this.messages.push(message);
        if (message.type === 'delta') this.profile.append(message.delta);
      }
      this.wake();
    });
    this.exitCode = once(child, 'close').then(([code]: unknown[]) => {
      this.isOver = true;
      this.wake();
      return code as number | null;
    });
  }

  send(command: string): void {
    this.child.stdin!.write(command);
  }

  async until(type: HelperMessage['type']): Promise<HelperMessage> {
    return this.untilFound(() => this.messages.find((message) => message.type === type), type);
  }

  async untilProfile(fits: (profile: Profile) => boolean): Promise<void> {
    await this.untilFound(() => (fits(this.profile) ? true : undefined), 'such a profile');
  }

  /** Of the part that samples. */
  async samplerPid(): Promise<number> {
    const ready = await this.until('ready');
    assert(ready.type === 'ready');
    return ready.pid;
  }

  private async untilFound<T>(find: () => T | undefined, what: string): Promise<T> {
    for (;;) {
      const found = find();
      if (found !== undefined) return found;
      if (this.isOver) throw new Error(`no ${what} came, but ${JSON.stringify(this.messages.slice(-2))}\n${this.said}`);
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }
}

function startTimeOf(pid: number): number {
  const stat = fs.readFileSync(`/proc/${pid}/stat`, 'latin1');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
}

function statusOf(file: string): Record<string, string> {
  return Object.fromEntries(
    fs
      .readFileSync(file, 'latin1')
      .split('\n')
      .map((line) => [line.split(':')[0]!, line.slice(line.indexOf(':') + 1).trim()]),
  );
}

/** Resolves when there is no such process any more, or only what its parent has not asked about. */
async function gone(pid: number): Promise<void> {
  while (fs.existsSync(`/proc/${pid}`) && !(statusOf(`/proc/${pid}/status`)['State'] ?? 'Z').startsWith('Z'))
    await new Promise((resolve) => setTimeout(resolve, 20));
}

async function text(stream: Readable): Promise<string> {
  let all = '';
  for await (const piece of stream.setEncoding('utf8')) all += piece as string;
  return all;
}

/** Functions of the stack that was seen most, outermost first. */
function busiestStack(profile: Profile): string[] {
  const lines = [...collapsedLines(profile)].map((line) => /^(.*) (\d+)\n?$/.exec(line)!);
  const busiest = lines.sort((a, b) => Number(b[2]) - Number(a[2]))[0]!;
  return busiest[1]!.split(';').map((frame) => frame.split(' (')[0]!);
}
