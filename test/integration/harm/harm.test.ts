import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** Tries of each; 1000 show more than those that each change can wait for. */
const tries = Number(process.env['HEATLINE_HARM'] ?? 5);
const folder = import.meta.dirname;

/** A program that obeys a command on its standard input, and answers with lines. */
class Program implements AsyncDisposable {
  readonly child: ChildProcess;
  private readonly lines: AsyncIterator<string>;
  private readonly ended: Promise<unknown[]>;

  constructor(command: string, args: readonly string[]) {
    this.child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.lines = createInterface({ input: this.child.stdout! })[Symbol.asyncIterator]();
    this.ended = once(this.child, 'exit');
  }

  async next(): Promise<string> {
    const line = await this.lines.next();
    return line.done === true ? 'it ended' : line.value;
  }

  tell(text: string): void {
    this.child.stdin!.write(text);
  }

  ask(text: string): Promise<string> {
    this.tell(text);
    return this.next();
  }

  /** Exit code and signal. */
  exit(): Promise<unknown[]> {
    return this.ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
  }
}

/** Waits until a thread is in this state (proc_pid_stat(5)), traced or not. */
async function awaitState(thread: number, wanted: string, isTraced: boolean): Promise<void> {
  for (;;) {
    const status = fs.readFileSync(`/proc/${thread}/status`, 'latin1');
    const state = /^State:\t(.)/m.exec(status)![1]!;
    if (state === wanted && /^TracerPid:\t[1-9]/m.test(status) === isTraced) return;
    await nextTurn();
  }
}

/** The value after so many steps: x → a x + c, by squaring. */
function valueAfter(steps: bigint): bigint {
  const mask = 2n ** 64n - 1n;
  let [a, c, value] = [6364136223846793005n, 1442695040888963407n, 1n];
  for (let left = steps; left > 0n; left >>= 1n) {
    if ((left & 1n) === 1n) value = (a * value + c) & mask;
    [a, c] = [(a * a) & mask, (a * c + c) & mask];
  }
  return value;
}

describe('A program of which a thread is stopped', function () {
  this.timeout(Math.max(60_000, tries * 2000));
  const built = fs.mkdtempSync(path.join(os.tmpdir(), 'heatline-harm-'));
  const program = path.join(built, 'target');
  before(function () {
    if (process.platform !== 'linux' || process.arch !== 'x64') return this.skip();
    execFileSync('cc', ['-O1', '-pthread', '-o', program, path.join(folder, 'target.c')]);
  });
  after(() => fs.rmSync(built, { recursive: true, force: true }));

  const startTarget = async (): Promise<Program & { readonly thread: number }> => {
    const target = new Program(program, []);
    return Object.assign(target, { thread: Number(await target.next()) });
  };
  const startStopper = async (): Promise<Program> => {
    const stopper = new Program(process.execPath, [path.join(folder, 'stopper.ts')]);
    assert.equal(await stopper.next(), 'ready');
    return stopper;
  };
  const hold = async (stopper: Program, target: Program, thread: number): Promise<void> => {
    let answer = '';
    // One that gets no core for half a second is let go when it has stopped.
    while ((answer = await stopper.ask(`hold ${target.child.pid!} ${thread}\n`)) === 'late') await stopper.ask('release\n');
    assert.equal(answer, 'held');
    await awaitState(thread, 't', true);
  };
  /** Ends it: its result is that of as many steps as it did. */
  const assertResult = async (target: Program): Promise<void> => {
    const [steps, value] = (await target.ask('r')).split(' ').map(BigInt) as [bigint, bigint];
    assert.equal(value, valueAfter(steps));
    assert.deepEqual(await target.exit(), [0, null]);
  };

  it('goes on when who stopped it is killed', async () => {
    await using target = await startTarget();
    for (let i = 0; i < tries; i++) {
      await using stopper = await startStopper();
      await hold(stopper, target, target.thread);
      stopper.child.kill('SIGKILL');
      await awaitState(target.thread, 'R', false);
    }
    await assertResult(target);
  });

  it('goes on when who stopped it was suspended meanwhile', async () => {
    await using target = await startTarget();
    await using stopper = await startStopper();
    for (let i = 0; i < tries; i++) {
      await hold(stopper, target, target.thread);
      stopper.child.kill('SIGSTOP');
      await awaitState(stopper.child.pid!, 'T', false);
      const answer = stopper.ask('release\n');
      await awaitState(target.thread, 't', true);
      stopper.child.kill('SIGCONT');
      assert.equal(await answer, 'released');
      await awaitState(target.thread, 'R', false);
    }
    await assertResult(target);
  });

  it('is stopped, and goes on, when others want that meanwhile', async () => {
    await using target = await startTarget();
    await using stopper = await startStopper();
    for (let i = 0; i < tries; i++) {
      await hold(stopper, target, target.thread);
      target.child.kill('SIGSTOP');
      assert.equal(await stopper.ask('release\n'), 'released');
      await awaitState(target.thread, 'T', false);
      // One that is stopped can be looked at, too, and be told to go on then.
      await hold(stopper, target, target.thread);
      target.child.kill('SIGCONT');
      assert.equal(await stopper.ask('release\n'), 'released');
      await awaitState(target.thread, 'R', false);
    }
    await assertResult(target);
  });

  it('forks meanwhile, and its child ends as it is to', async () => {
    await using target = await startTarget();
    await using stopper = await startStopper();
    for (let i = 0; i < tries; i++) {
      await hold(stopper, target, target.thread);
      assert.equal(await target.ask('f'), String(9 << 8));
      assert.equal(await stopper.ask('release\n'), 'released');
      await awaitState(target.thread, 'R', false);
    }
    await assertResult(target);
  });

  it('waits for a child that vfork made, where it can’t be stopped, and goes on when it has ended', async () => {
    await using target = await startTarget();
    await using stopper = await startStopper();
    const { pid } = target.child;
    for (let i = 0; i < tries; i++) {
      target.tell('v');
      await awaitState(pid!, 'D', false);
      assert.equal(await stopper.ask(`hold ${pid!} ${pid!}\n`), 'late');
      const answer = stopper.ask('release\n');
      assert.equal(await target.ask('x'), String(9 << 8));
      assert.equal(await answer, 'released');
      await awaitState(pid!, 'S', false);
    }
    await assertResult(target);
  });

  it('executes another program meanwhile', async () => {
    await using target = await startTarget();
    await using stopper = await startStopper();
    let { thread } = target;
    for (let i = 0; i < tries; i++) {
      await hold(stopper, target, thread);
      target.tell('e');
      // The thread that was stopped is killed, and the exec waits until who traced it has heard of that.
      await awaitState(thread, 'Z', true);
      assert.equal(await stopper.ask('release\n'), 'released');
      thread = Number(await target.next());
      await awaitState(thread, 'R', false);
    }
    await assertResult(target);
  });

  it('exits meanwhile, which who started it hears of', async () => {
    await using stopper = await startStopper();
    for (let i = 0; i < tries; i++) {
      await using target = await startTarget();
      await hold(stopper, target, target.thread);
      target.tell('x');
      await awaitState(target.thread, 'Z', true);
      assert.equal(await stopper.ask('release\n'), 'released');
      assert.deepEqual(await target.exit(), [7, null]);
    }
  });

  it('is killed meanwhile, which who started it hears of', async () => {
    await using stopper = await startStopper();
    for (let i = 0; i < tries; i++) {
      await using target = await startTarget();
      await hold(stopper, target, target.thread);
      target.child.kill('SIGKILL');
      await awaitState(target.thread, 'Z', true);
      assert.equal(await stopper.ask('release\n'), 'released');
      assert.deepEqual(await target.exit(), [null, 'SIGKILL']);
    }
  });
});
