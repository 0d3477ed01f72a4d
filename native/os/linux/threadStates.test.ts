import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { ThreadState } from '../system.ts';
import { LinuxThreadStates } from './threadStates.ts';

const onLinux = process.platform === 'linux' && process.arch === 'x64';

(onLinux ? describe : describe.skip)('LinuxThreadStates', () => {
  for (const [how, left] of [
    ['with files kept open', 10_000],
    ['with one file kept open', 1],
    ['with files opened for each look', 0],
  ] as const) {
    it(`follows a thread that runs, is stopped and runs again, ${how}`, async () => {
      // A shell in an empty loop never waits for anything.
      const child = spawn('sh', ['-c', 'while :; do :; done']);
      await once(child, 'spawn');
      const states = new LinuxThreadStates(child.pid!, { left });
      const slot = states.track(child.pid!);
      for (let round = 0; round < 5; round++) {
        // Until it gets a CPU it may count as waiting.
        while (letterOf(child.pid!) !== 'R' || !runs(states, slot)) await turn();
        for (let look = 0; look < 50; look++) assert.ok(runs(states, slot));
        child.kill('SIGSTOP');
        while (letterOf(child.pid!) !== 'T') await turn();
        for (let look = 0; look < 50; look++) assert.equal(states.look(slot), ThreadState.Waiting);
        assert.equal(states.hasRun(slot), false);
        child.kill('SIGCONT');
        if (left > 0) while (!states.hasRun(slot)) await turn();
      }
      child.kill('SIGKILL');
      await once(child, 'exit');
      states.close();
    });

    it(`follows a thread that waits for input, ${how}`, async () => {
      const child = spawn('cat');
      await once(child, 'spawn');
      const states = new LinuxThreadStates(child.pid!, { left });
      const slot = states.track(child.pid!);
      for (let round = 0; round < 20; round++) {
        child.stdin.write('x');
        await once(child.stdout, 'data');
        while (letterOf(child.pid!) !== 'S') await turn();
        for (let look = 0; look < 50; look++) assert.equal(states.look(slot), ThreadState.Waiting);
      }
      child.stdin.end();
      await once(child, 'exit');
      states.close();
    });
  }

  it('tells whether any thread of a process has run', async () => {
    const child = spawn('cat');
    await once(child, 'spawn');
    const states = new LinuxThreadStates(child.pid!, { left: 0 });
    let last = -1;
    for (let round = 0; round < 20; round++) {
      child.stdin.write('x');
      await once(child.stdout, 'data');
      while (letterOf(child.pid!) !== 'S') await turn();
      const time = states.processTime();
      assert.ok(time > last, `${time} > ${last}`);
      for (let look = 0; look < 50; look++) assert.equal(states.processTime(), time);
      last = time;
    }
    child.stdin.end();
    await once(child, 'exit');
    assert.equal(states.processTime(), -1);
    states.close();
  });

  it('tells which of many on one core has it, and how much CPU time each has had', async () => {
    const children = Array.from({ length: 3 }, () => spawn('taskset', ['-c', '0', 'sh', '-c', 'while :; do :; done']));
    const all = await Promise.all(
      children.map(async (child) => {
        await once(child, 'spawn');
        while (readFileSync(`/proc/${child.pid!}/comm`, 'latin1') !== 'sh\n') await turn();
        const states = new LinuxThreadStates(child.pid!, { left: 10_000 });
        return { pid: child.pid!, states, slot: states.track(child.pid!), ran: 0, waited: 0 };
      }),
    );
    assert.ok(all.every(({ states, slot }) => states.cpuTime(slot) === -1));
    // Each is seen in both states, however long that takes on this machine.
    while (all.some(({ ran, waited }) => ran < 5 || waited < 5)) {
      for (const one of all) {
        const before = numbersOf(one.pid);
        const state = one.states.look(one.slot);
        const cpu = one.states.cpuTime(one.slot);
        const after = numbersOf(one.pid);
        assert.ok(cpu === -1 || cpu >= Math.floor(before.cpu / 1000), `${cpu} where ${before.cpu} ns were used before`);
        assert.ok(cpu <= after.cpu / 1000, `${cpu} where ${after.cpu} ns were used after`);
        // What did not change while it was looked at is certain.
        if (before.text !== after.text || letterOf(one.pid) !== 'R') continue;
        const hasCore = before.arrivals > before.departures;
        if (state === ThreadState.Waiting) continue; // woken, and on no core since
        assert.equal(state, hasCore ? ThreadState.Running : ThreadState.Ready);
        if (hasCore) one.ran++;
        else one.waited++;
      }
      await turn();
    }
    for (const child of children) child.kill('SIGKILL');
    await Promise.all(children.map((child) => once(child, 'exit')));
    for (const { states } of all) states.close();
  }).timeout(120_000);

  it('knows no CPU time where files are not kept open', () => {
    const states = new LinuxThreadStates(process.pid, { left: 0 });
    const slot = states.track(process.pid);
    assert.equal(states.look(slot), ThreadState.Running);
    assert.equal(states.cpuTime(slot), -1);
    assert.equal(states.cpuTime(99), -1);
    states.close();
  });

  it('says that the thread that asks is running', () => {
    const states = new LinuxThreadStates(process.pid);
    const slot = states.track(process.pid);
    for (let look = 0; look < 100; look++) assert.ok(runs(states, slot));
    states.close();
  });

  it('says of a thread that is gone, or never was, that it does not run', async () => {
    const child = spawn('sleep', ['100']);
    await once(child, 'spawn');
    const states = new LinuxThreadStates(child.pid!);
    const slot = states.track(child.pid!);
    const never = states.track(2 ** 30);
    assert.equal(states.look(never), ThreadState.Waiting);
    child.kill('SIGKILL');
    await once(child, 'exit');
    assert.equal(states.isGone(slot), false);
    assert.equal(states.look(slot), ThreadState.Waiting);
    assert.ok(states.isGone(slot));
    assert.equal(states.look(-1), ThreadState.Waiting);
    assert.equal(states.look(1000), ThreadState.Waiting);
    states.close();
    assert.equal(states.look(slot), ThreadState.Waiting);
  });

  it('knows for certain of one that waits that it has not run, and of one that ran meanwhile never says so', async () => {
    const child = spawn('cat');
    await once(child, 'spawn');
    const states = new LinuxThreadStates(child.pid!);
    const slot = states.track(child.pid!);
    for (let round = 0; round < 20; round++) {
      child.stdin.write('x');
      await once(child.stdout, 'data');
      while (letterOf(child.pid!) !== 'S') await turn();
      assert.equal(states.stoodStill(slot), false);
      for (let look = 0; look < 50; look++) assert.ok(states.stoodStill(slot));
      assert.equal(states.look(slot), ThreadState.Waiting);
      assert.ok(states.stoodStill(slot));
    }
    const own = new LinuxThreadStates(process.pid);
    const running = own.track(process.pid);
    for (let look = 0; look < 50; look++) assert.equal(own.stoodStill(running), false);
    own.close();
    child.stdin.end();
    await once(child, 'exit');
    assert.equal(states.stoodStill(slot), false);
    assert.ok(states.isGone(slot));
    states.close();
  });

  it('keeps to its number of files, uses slots again and closes what it opened', () => {
    const openFiles = (): number => readdirSync('/proc/self/fd').length;
    const before = openFiles();
    const budget = { left: 20 };
    const states = new LinuxThreadStates(process.pid, budget);
    const others = new LinuxThreadStates(process.pid, budget);
    const slots = Array.from({ length: 100 }, () => states.track(process.pid));
    assert.equal(openFiles(), before + 20);
    assert.ok(slots.every((slot) => runs(states, slot)));
    states.untrack(slots[0]!);
    states.untrack(slots[0]!);
    assert.equal(openFiles(), before + 19);
    assert.ok(runs(others, others.track(process.pid)));
    assert.equal(openFiles(), before + 20);
    others.close();
    assert.equal(states.track(process.pid), slots[0]);
    assert.equal(openFiles(), before + 20);
    states.close();
    assert.equal(openFiles(), before);
  });
});

/** Or could: on a busy machine it may have lost its core. */
function runs(states: LinuxThreadStates, slot: number): boolean {
  return states.look(slot) !== ThreadState.Waiting;
}

/** Of the main thread: schedstat's numbers, how often it was taken off a core, and all of them as text. */
function numbersOf(pid: number): { readonly cpu: number; readonly arrivals: number; readonly departures: number; readonly text: string } {
  const schedstat = readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'latin1');
  const switches = [...readFileSync(`/proc/${pid}/task/${pid}/status`, 'latin1').matchAll(/ctxt_switches:\s+(\d+)/g)].map((match) =>
    Number(match[1]),
  );
  const [cpu, , arrivals] = schedstat.split(' ').map(Number);
  return { cpu: cpu!, arrivals: arrivals!, departures: switches[0]! + switches[1]!, text: `${schedstat} ${switches.join(' ')}` };
}

/** The state as the kernel prints it. */
function letterOf(pid: number): string {
  const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  return text[text.lastIndexOf(')') + 2]!;
}
