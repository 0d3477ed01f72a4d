import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { ThreadContext } from '../threadContexts.ts';
import { LinuxThreadContexts } from './threadContexts.ts';

const stackPointer = 7;
const instructionPointer = 16;
const statusOf = (pid: number): string => fs.readFileSync(`/proc/${pid}/status`, 'latin1');

/** A process that waits, and is nobody's child that we know. */
function startStranger(): number {
  return Number(execFileSync('sh', ['-c', 'sleep 1000 >/dev/null 2>&1 & echo $!'], { encoding: 'utf8' }));
}

/** Once it sleeps. */
function waitingPlace(pid: number): ThreadContext {
  const context = new ThreadContext();
  const contexts = new LinuxThreadContexts(pid);
  while (!/^Name:\tsleep$[^]*^State:\tS/m.test(statusOf(pid)) || !contexts.waiting(pid, context));
  return context;
}

describe('LinuxThreadContexts', () => {
  it('knows where a thread waits without stopping it, and all of its registers by stopping it, and lets it go on', () => {
    const pid = startStranger();
    try {
      const waiting = waitingPlace(pid);
      assert.equal(waiting.known, (1 << stackPointer) | (1 << instructionPointer));
      const contexts = new LinuxThreadContexts(pid);
      const stack = contexts.regions().find(({ name }) => name === '[stack]')!;
      assert(waiting.get(stackPointer) > stack.start && waiting.get(stackPointer) < stack.end);

      const stopped = new ThreadContext();
      assert.equal(contexts.stop(pid, stopped), null);
      assert.match(statusOf(pid), new RegExp(`^State:\\tt[^]*^TracerPid:\\t${process.pid}$`, 'm'));
      assert.equal(stopped.known, 2 ** 17 - 1);
      assert.equal(stopped.get(stackPointer), waiting.get(stackPointer));
      // A wait that is begun again begins with its instruction, which has two bytes (syscall).
      assert([0, 2].includes(waiting.get(instructionPointer) - stopped.get(instructionPointer)));
      // One that is traced is not ours to stop.
      assert.equal(new LinuxThreadContexts(pid).stopObstacle, 'traced');
      contexts.release(true);
      assert.match(statusOf(pid), /^TracerPid:\t0$/m);
      assert.equal(waitingPlace(pid).get(stackPointer), waiting.get(stackPointer));
    } finally {
      process.kill(pid, 'SIGKILL');
    }
  });

  it('leaves a process stopped that was', () => {
    const pid = startStranger();
    try {
      waitingPlace(pid);
      process.kill(pid, 'SIGSTOP');
      while (!/^State:\tT/m.test(statusOf(pid)));
      const contexts = new LinuxThreadContexts(pid);
      assert.equal(contexts.stop(pid, new ThreadContext()), null);
      contexts.release(true);
      while (!/^State:\tT/m.test(statusOf(pid)));
      process.kill(pid, 'SIGCONT');
      waitingPlace(pid);
    } finally {
      process.kill(pid, 'SIGKILL');
    }
  });

  it('stops a thread in two parts, in which it has executed nothing since the first', () => {
    const pid = startStranger();
    try {
      const before = waitingPlace(pid);
      const contexts = new LinuxThreadContexts(pid);
      assert.equal(contexts.interrupt(pid), null);
      // It is one of those that are to stop until it has.
      assert.equal(contexts.interrupt(pid), 'late');
      const stopped = new ThreadContext();
      assert.equal(contexts.awaitInterrupted(pid, stopped), null);
      assert.equal(stopped.get(stackPointer), before.get(stackPointer));
      assert(stopped.stoppedSince > 0);
      contexts.release(false);
      assert.match(statusOf(pid), /^TracerPid:\t0$/m);
      // Nothing is left of it that the next one would find.
      assert.equal(contexts.interrupt(pid), null);
      assert.equal(contexts.awaitInterrupted(pid, stopped), null);
      contexts.release(false);
    } finally {
      process.kill(pid, 'SIGKILL');
    }
  });

  it('does not stop our own children, whose stops Node would take for their ends, and none that is gone', async () => {
    const child = spawn('sleep', ['1000']);
    const contexts = new LinuxThreadContexts(child.pid!);
    assert.equal(contexts.stop(child.pid!, new ThreadContext()), 'own-child');
    child.kill();
    await once(child, 'exit');
    const pid = startStranger();
    const gone = new LinuxThreadContexts(pid);
    process.kill(pid, 'SIGKILL');
    while (fs.existsSync(`/proc/${pid}/syscall`) && /^State:\t[^ZX]/m.test(statusOf(pid)));
    assert.notEqual(gone.stop(pid, new ThreadContext()), null);
    assert.equal(gone.waiting(pid, new ThreadContext()), false);
  });
});
