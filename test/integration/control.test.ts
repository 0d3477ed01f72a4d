import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type Engine, type EngineEvent, type EngineOptions, startEngine } from '../../native/index.ts';
import { Profile } from '../../profile/profile.ts';
import { since } from '../support/interpreters.ts';
import { startTarget } from '../support/target.ts';
import { EngineFailed, sample } from './sample.ts';

const script = path.join(import.meta.dirname, 'targets', 'behaviour.py');
const interpreter = since(3, 11).findLast((one) => !one.freeThreaded);

/** A session whose events are awaited one by one. */
class Session {
  readonly engine: Engine;
  readonly profile = new Profile();
  private readonly events: EngineEvent[] = [];
  private wake: () => void = () => undefined;

  constructor(options: EngineOptions) {
    this.engine = startEngine(options, (event) => {
      if (event.type === 'delta') this.profile.append(event.delta);
      this.events.push(event);
      this.wake();
    });
  }

  /** The next event that is not a delta, unless that is what is asked for. */
  async next(type?: 'delta'): Promise<EngineEvent> {
    for (;;) {
      const event = this.events.shift();
      if (event === undefined) await new Promise<void>((resolve) => (this.wake = resolve));
      else if (event.type !== 'delta' || type === 'delta') return event;
    }
  }
}

describe('An engine', function () {
  before(function () {
    if (interpreter === undefined) this.skip();
  });

  it('pauses, resumes and stops when it is told', async () => {
    await using target = await startTarget(interpreter!, script, { arguments: ['threads'] });
    const session = new Session({ pid: target.pid, rate: 1000, maxStopped: 0, deltaInterval: 20 });
    assert.equal((await session.next()).type, 'started');
    while (session.profile.quality.samples === 0) await session.next('delta');

    session.engine.pause();
    assert.equal((await session.next()).type, 'paused');
    const { ticks, elapsed } = session.profile.quality;
    // Nothing is sampled meanwhile, and the time does not count.
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.equal(session.profile.quality.ticks, ticks);
    session.engine.resume();
    assert.equal((await session.next()).type, 'resumed');
    while (session.profile.quality.ticks < ticks + 100) await session.next('delta');
    const later = session.profile.quality;
    assert(
      later.elapsed - elapsed < 1000 * (later.ticks - ticks + later.missed) + 50_000,
      `${later.elapsed - elapsed} µs for ${later.ticks - ticks} ticks`,
    );

    session.engine.stop();
    session.engine.pause();
    session.engine.resume();
    assert.deepEqual(await session.next(), { type: 'ended', reason: 'stopped' });
    session.engine.stop();
  }).timeout(20_000);

  it('can be stopped before it began and while it pauses', async () => {
    await using target = await startTarget(interpreter!, script, { arguments: ['idle'] });
    const early = new Session({ pid: target.pid, rate: 100 });
    early.engine.stop();
    let event = await early.next();
    if (event.type === 'started') event = await early.next();
    assert.deepEqual(event, { type: 'ended', reason: 'stopped' });

    const paused = new Session({ pid: target.pid, rate: 100 });
    paused.engine.pause();
    assert.equal((await paused.next()).type, 'started');
    assert.equal((await paused.next()).type, 'paused');
    paused.engine.stop();
    assert.deepEqual(await paused.next(), { type: 'ended', reason: 'stopped' });
  }).timeout(20_000);

  it('notices while it pauses that the process has ended', async () => {
    await using target = await startTarget(interpreter!, script, { arguments: ['idle'] });
    const session = new Session({ pid: target.pid, rate: 100 });
    session.engine.pause();
    assert.equal((await session.next()).type, 'started');
    assert.equal((await session.next()).type, 'paused');
    target.tell('exit');
    let event = await session.next();
    if (event.type === 'resumed') event = await session.next();
    assert.deepEqual(event, { type: 'ended', reason: 'exited' });
  }).timeout(20_000);

  it('lasts as long as it was told, at any rate', async () => {
    await using target = await startTarget(interpreter!, script, { arguments: ['idle'] });
    for (const rate of [1, 3, 'max'] as const) {
      const { profile, reason } = await sample({ pid: target.pid, rate, duration: 250 });
      assert.equal(reason, 'duration');
      assert(profile.quality.elapsed >= 250_000);
    }
  }).timeout(20_000);

  it('sends a delta when it was told, or a few times a second', async () => {
    await using target = await startTarget(interpreter!, script, { arguments: ['threads'] });
    const { events } = await sample({ pid: target.pid, rate: 'max', duration: 1000 });
    const deltas = events.filter((type) => type === 'delta').length;
    assert(deltas >= 2 && deltas <= 6, `${deltas} deltas`);
  }).timeout(20_000);

  it('follows several processes at once, and one process twice', async () => {
    await using first = await startTarget(interpreter!, script, { arguments: ['threads'] });
    await using second = await startTarget(interpreter!, script, { arguments: ['idle'] });
    const recordings = await Promise.all([first, first, second].map(({ pid }) => sample({ pid, rate: 200, duration: 300 })));
    assert.deepEqual(
      recordings.map(({ profile }) => profile.threads.length),
      [5, 5, 1],
    );
    for (const { profile } of recordings) assert(profile.quality.samples > 0);
  }).timeout(20_000);

  it('refuses rates and durations that make no sense', () => {
    for (const rate of [0, -1, NaN, Infinity, 1e7]) assert.throws(() => startEngine({ pid: 1, rate }, () => undefined), RangeError);
    for (const duration of [0, -1, NaN]) assert.throws(() => startEngine({ pid: 1, rate: 1, duration }, () => undefined), RangeError);
  });

  describe('fails with the reason', () => {
    it('for a process that does not exist, or no longer does', async () => {
      const child = spawn('true');
      await once(child, 'exit');
      for (const pid of [child.pid!, 2 ** 31 - 1]) assert.deepEqual(await failure(pid), { code: 'no-such-process', pid });
    }).timeout(20_000);

    it('for a zombie', async () => {
      // A shell that never waits for its child: it executes sleep in its own place.
      await using parent = shell('sleep 0 & exec sleep 100');
      const zombie = await zombieOf(parent.process.pid!);
      assert.deepEqual(await failure(zombie), { code: 'no-such-process', pid: zombie });
    }).timeout(20_000);

    it('for something that is not Python', async () => {
      await using other = shell('exec sleep 100');
      await executes(other.process.pid!, 'sleep');
      const found = await failure(other.process.pid!);
      assert(found.code === 'not-python' && path.basename(found.executable).startsWith('sleep'), JSON.stringify(found));
    }).timeout(20_000);

    it('for a process of someone else', async function () {
      if (process.getuid?.() !== 0) this.skip();
      await using target = await startTarget(interpreter!, script, { arguments: ['idle'] });
      // As nobody, without capabilities. Everything is loaded before the user is given up: nobody may not read our folders.
      const program = `
        const { startEngine } = await import(${JSON.stringify(path.resolve('native/index.ts'))});
        const { openSystem } = await import(${JSON.stringify(path.resolve('native/os/index.ts'))});
        const { openTarget } = await import(${JSON.stringify(path.resolve('native/openTarget.ts'))});
        const system = await openSystem();
        process.setgroups([]); process.setgid(65534); process.setuid(65534);
        try { openTarget(system, ${target.pid}); } catch (error) { console.log(JSON.stringify(error.failure ?? String(error))); }`;
      const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program]);
      assert.deepEqual(JSON.parse(stdout), { code: 'permission-denied', pid: target.pid, owner: 'root', reason: 'other-user' });
    }).timeout(20_000);
  });
});

async function failure(pid: number) {
  try {
    await sample({ pid, rate: 100, duration: 1000 });
  } catch (error) {
    if (error instanceof EngineFailed) return error.failure;
    throw error;
  }
  assert.fail(`process ${pid} was sampled`);
}

function shell(command: string): { readonly process: ChildProcess } & AsyncDisposable {
  const child = spawn('/bin/sh', ['-c', command], { stdio: 'ignore' });
  return {
    process: child,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    },
  };
}

/** The child of a process that has ended and that nobody waited for. */
async function zombieOf(parent: number): Promise<number> {
  for (;;) {
    for (const child of fs.readFileSync(`/proc/${parent}/task/${parent}/children`, 'latin1').trim().split(' ').filter(Boolean)) {
      if (fs.readFileSync(`/proc/${child}/stat`, 'latin1').includes(') Z ')) return Number(child);
    }
    await nextTurn();
  }
}

async function executes(pid: number, name: string): Promise<void> {
  while (!fs.readlinkSync(`/proc/${pid}/exe`).includes(name)) await nextTurn();
}
