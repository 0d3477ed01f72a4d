import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { Grants, Parcels } from '../os/elevation.ts';
import { platform } from '../os/index.ts';
import { TargetError } from '../targetError.ts';
import { requestGrant } from './broker.ts';

/** serveGrants blocks its thread. */
const serve = `
  const { parentPort, workerData: { url, socket, target } } = require('node:worker_threads');
  import(url).then(({ serveGrants }) => {
    parentPort.postMessage('ready');
    serveGrants(socket, target);
  });`;

const onLinux = process.platform === 'linux' && process.arch === 'x64';

(onLinux ? describe : describe.skip)('the part of a helper that stays root', () => {
  let grants: Grants;
  let parcels: Parcels;
  before(() => ({ grants, parcels } = platform().elevation));
  let target: ChildProcess;
  let descendant: number;
  let ours: number;
  let theirs: number;
  let ended: Promise<unknown>;
  beforeEach(() => startWith('sh -c "sleep 1000 & echo \\$!; wait"; true'));

  /**
   * @param script says the pid of what descends from it
   * @param user whose it is once it is ready
   * @param pid of the target, if it is not the shell that is started
   */
  async function startWith(script: string, user = process.getuid!(), pid?: number): Promise<void> {
    target = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'inherit'], detached: true });
    descendant = Number(String((await once(target.stdout!, 'data'))[0]));
    while (grants.userIds(target.pid!)?.[0] !== user) await turn();
    [ours, theirs] = parcels.makeSocketPair();
    pid ??= target.pid!;
    const workerData = {
      url: new URL('./broker.ts', import.meta.url).href,
      socket: theirs,
      target: { pid, startTime: grants.origin(pid)!.startTime },
    };
    const worker = new Worker(serve, { eval: true, workerData });
    ended = once(worker, 'exit');
    // On a busy machine loading alone may take longer than one waits for an answer.
    await once(worker, 'message');
  }

  async function stop(): Promise<void> {
    closeSync(ours);
    await ended;
    hangUp();
    process.kill(-target.pid!, 'SIGKILL');
  }
  afterEach(stop);

  /** The other end is open in this process, too: it would go on waiting. */
  function hangUp(): void {
    if (theirs >= 0) closeSync(theirs);
    theirs = -1;
  }

  it('opens the target and what descends from it', () => {
    for (const pid of [target.pid!, descendant]) {
      const grant = requestGrant(ours, pid);
      assert.deepEqual([grant.pid, grant.startTime, grant.workingDirectory], [pid, grants.origin(pid)!.startTime, process.cwd()]);
      const system = grants.openSystem([grant], () => assert.fail('nothing else is opened'));
      const memory = system.openMemory(pid);
      assert.ok(memory.isAlive());
      assert.ok(system.mappedFiles(pid).length > 0);
      memory.close();
      system.execution(pid); // closes what else there is of one whose memory was closed
    }
  });

  it('opens what was left by its parent, if it is a copy of what descends from the target, and says of what', async () => {
    await stop();
    // In the parentheses, copies of the shell; the outer one ends at once. What the inner one executes is none any more.
    await startWith("( ( sh -c 'echo $PPID'; while :; do sleep 1000; done ) & ); while :; do sleep 1000; done");
    const startOf = (pid: number): number => grants.origin(pid)!.startTime;
    const isLeft = (): boolean => startOf(grants.origin(descendant)!.parentPid) < startOf(target.pid!);
    while (!isLeft()) await turn();
    const grant = requestGrant(ours, descendant);
    assert.deepEqual([grant.pid, grant.origin], [descendant, target.pid!]);
    grants.close(grant);
    await stop();
    await startWith("( ( exec sh -c 'echo $$; while :; do sleep 1000; done' ) & ); while :; do sleep 1000; done");
    while (!isLeft()) await turn();
    assert.equal(codeFor(descendant), 'permission-denied');
  });

  function codeFor(pid: number): string {
    try {
      grants.close(requestGrant(ours, pid));
      return 'opened';
    } catch (error) {
      assert(error instanceof TargetError);
      return error.failure.code;
    }
  }

  it('opens what descends from the first process, of which a container has all', async () => {
    await stop();
    await startWith('sleep 1000 & echo $!; wait', process.getuid!(), 1);
    assert.equal(codeFor(descendant), 'opened');
  });

  (process.getuid?.() === 0 ? it : it.skip)(
    'opens nothing of another user’s below a program of one user, and all below one of root’s',
    async () => {
      const as = (user: number): string => `setpriv --reuid ${user} --clear-groups sleep 1000`;
      await stop();
      await startWith(`sleep 1000 & echo $!; exec ${as(4242)}`, 4242);
      assert.deepEqual([descendant, target.pid!].map(codeFor), ['permission-denied', 'opened']);
      await stop();
      await startWith(`${as(4242)} & echo $!; exec ${as(4242)}`, 4242);
      while (grants.userIds(descendant)?.[0] !== 4242) await turn();
      assert.equal(codeFor(descendant), 'opened');
      await stop();
      await startWith(`${as(4242)} & echo $!; wait`);
      while (grants.userIds(descendant)?.[0] !== 4242) await turn();
      assert.equal(codeFor(descendant), 'opened');
    },
  );

  it('opens nothing else', () => {
    // The target's parent, the first process, a kernel thread or none, none.
    assert.deepEqual([process.pid, 1, 2 ** 22 + 5, 0, 2 ** 32 - 1].map(codeFor), [
      'permission-denied',
      'permission-denied',
      'no-such-process',
      'no-such-process',
      'no-such-process',
    ]);
    assert.equal(codeFor(descendant), 'opened');
  });

  it('ends on what is no request', async () => {
    assert.ok(parcels.send(ours, { bytes: Buffer.from('12345'), files: [] }));
    await ended;
    hangUp();
    assert.throws(() => requestGrant(ours, descendant), TargetError);
  });
});
