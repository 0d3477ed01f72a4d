import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { SpanPlan } from '../../memory/memory.ts';
import { addressOf, Errno } from './libc.ts';
import { LiveMemory } from './liveMemory.ts';

const onLinux = process.platform === 'linux' && process.arch === 'x64';

/** Our own process is a target whose memory we know. */
(onLinux ? describe : describe.skip)('LiveMemory', () => {
  const source = Uint8Array.from({ length: 1 << 20 }, (_, i) => (i * 2654435761) >>> 24);
  const address = onLinux ? addressOf(source) : 0;
  const unmapped = 0x1000;

  it('reads bytes to where they are wanted', () => {
    const memory = new LiveMemory(process.pid);
    const target = new Uint8Array(300);
    assert.ok(memory.read(address + 1000, target, 7, 200));
    assert.deepEqual(target.subarray(7, 207), source.subarray(1000, 1200));
    assert.deepEqual([target[6], target[207]], [0, 0]);
    assert.ok(memory.read(address, target.subarray(100), 0, 4), 'another buffer');
    assert.deepEqual(target.subarray(100, 104), source.subarray(0, 4));
    assert.ok(memory.read(unmapped, target, 0, 0), 'nothing is always there');
  });

  it('is false for what can not be read', () => {
    const memory = new LiveMemory(process.pid);
    const target = new Uint8Array(16);
    for (const wrong of [0, 1, unmapped, -1, NaN, Infinity, 2 ** 47, 2 ** 53, 2 ** 63]) {
      assert.equal(memory.read(wrong, target, 0, 8), false, String(wrong));
    }
    assert.equal(memory.read(unmapped, target, 0, 8), false);
    assert.equal(memory.lastErrno, Errno.EFAULT);
    assert.equal(memory.gone, false);
  });

  it('never writes outside its target', () => {
    const memory = new LiveMemory(process.pid);
    const target = new Uint8Array(16);
    assert.equal(memory.read(address, target, 9, 8), false);
    assert.equal(memory.read(address, target, -1, 8), false);
    assert.equal(memory.read(address, target, 0, 1 << 19), false);
    assert.equal(memory.read(address, target, NaN, 8), false);
    const plan = new SpanPlan();
    plan.add(address, 10);
    plan.add(address + 100, 100);
    const around = new Uint8Array(40);
    assert.equal(memory.readSpans(plan, around.subarray(8, 32)), 24);
    assert.deepEqual(around.subarray(18, 32), source.subarray(100, 114));
    assert.ok(around.subarray(32).every((byte) => byte === 0));
  });

  it('reads spans in one go, again and again while the plan changes', () => {
    const memory = new LiveMemory(process.pid);
    const plan = new SpanPlan();
    const target = new Uint8Array(1 << 16);
    const check = (): void => {
      assert.equal(memory.readSpans(plan, target), plan.totalLength);
      let at = 0;
      for (let i = 0; i < plan.count; i++) {
        const start = plan.addresses[i]! - address;
        assert.deepEqual(target.subarray(at, at + plan.lengths[i]!), source.subarray(start, start + plan.lengths[i]!));
        at += plan.lengths[i]!;
      }
    };
    plan.add(address + 5, 3);
    plan.add(address + 70_000, 4096);
    plan.add(address + 1, 0);
    plan.add(address, 1);
    check();
    source.fill(9, 70_000, 70_010);
    check();
    plan.add(address + 900_000, 77);
    check();
    // Another plan of the same version must not be taken for the first.
    const other = new SpanPlan();
    while (other.version < plan.version) other.add(address + other.version * 13, 5);
    assert.equal(other.version, plan.version);
    assert.equal(memory.readSpans(other, target), other.totalLength);
    assert.deepEqual(target.subarray(0, 5), source.subarray(0, 5));
    check();
    plan.clear();
    assert.equal(memory.readSpans(plan, target), 0);
  });

  it('reads more spans than one call takes', () => {
    const memory = new LiveMemory(process.pid);
    const plan = new SpanPlan();
    for (let i = 0; i < 5000; i++) plan.add(address + i * 200, 1 + (i % 7));
    const target = new Uint8Array(plan.totalLength);
    assert.equal(memory.readSpans(plan, target), plan.totalLength);
    let at = 0;
    for (let i = 0; i < 5000; i++) {
      assert.deepEqual(target.subarray(at, at + 1 + (i % 7)), source.subarray(i * 200, i * 200 + 1 + (i % 7)));
      at += 1 + (i % 7);
    }
    assert.equal(memory.readSpans(plan, target.subarray(0, 5000)), 5000);
  });

  it('stops at a bad span with everything before it, and works on afterwards', () => {
    const memory = new LiveMemory(process.pid);
    for (const [bad, count] of [
      [0, 10],
      [3, 10],
      [1023, 3000],
      [1024, 3000],
      [2500, 3000],
    ] as const) {
      for (const wrong of [unmapped, NaN, -8, 2 ** 60, 0]) {
        const plan = new SpanPlan();
        for (let i = 0; i < count; i++) plan.add(i === bad ? wrong : address + i * 64, 16);
        const target = new Uint8Array(plan.totalLength);
        assert.equal(memory.readSpans(plan, target), bad * 16, `${wrong} at ${bad}`);
        for (let i = 0; i < bad; i++) assert.deepEqual(target.subarray(i * 16, i * 16 + 16), source.subarray(i * 64, i * 64 + 16));
        assert.ok(memory.read(address, target, 0, 16));
      }
    }
  });

  it('knows when the process is gone', async () => {
    const child = spawn('sleep', ['100']);
    await once(child, 'spawn');
    const memory = new LiveMemory(child.pid!);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const target = new Uint8Array(8);
    assert.equal(memory.read(address, target, 0, 8), false);
    assert.ok(memory.gone);
  });
});
