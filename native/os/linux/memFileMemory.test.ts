import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import fc from 'fast-check';
import { rounds } from '../../../profile/testing/fuzz.ts';
import { SpanPlan } from '../../memory/memory.ts';
import { addressOf } from './libc.ts';
import { LiveMemory } from './liveMemory.ts';
import { MemFileMemory } from './memFileMemory.ts';

const onLinux = process.platform === 'linux' && process.arch === 'x64';

function open(pid: number): MemFileMemory {
  return new MemFileMemory(pid, fs.openSync(`/proc/${pid}/mem`, 'r'));
}

/** Our own process is a target whose memory we know. */
(onLinux ? describe : describe.skip)('MemFileMemory', () => {
  const source = Uint8Array.from({ length: 1 << 16 }, (_, i) => (i * 2654435761) >>> 24);
  const address = onLinux ? addressOf(source) : 0;
  const wrongAddresses = [0, 1, 0x1000, -8, NaN, 2 ** 60, Infinity];
  const spans = fc.array(
    fc.oneof(
      { weight: 20, arbitrary: fc.record({ address: fc.nat(60_000).map((offset) => address + offset), length: fc.nat(300) }) },
      // Neighbours in order, so that they are read together.
      { weight: 20, arbitrary: fc.record({ address: fc.nat(200).map((offset) => -offset), length: fc.nat(100) }) },
      { weight: 1, arbitrary: fc.record({ address: fc.constantFrom(...wrongAddresses), length: fc.integer({ min: 1, max: 100 }) }) },
    ),
    { maxLength: 40 },
  );

  it('reads what the vectored call reads, for any plan', () => {
    const memory = open(process.pid);
    const live = new LiveMemory(process.pid);
    const plan = new SpanPlan();
    fc.assert(
      fc.property(spans, fc.nat(10_000), (wanted, size) => {
        plan.clear();
        let end = address;
        for (const { address: given, length } of wanted) {
          const at = given <= 0 && given >= -200 ? Math.min(end - given, address + 60_000) : given;
          plan.add(at, length);
          if (at >= address && at <= address + 60_000) end = at + length;
        }
        const around = new Uint8Array(size + 2).fill(0xee);
        const target = around.subarray(1, size + 1);
        const expected = new Uint8Array(size).fill(0xee);
        const count = live.readSpans(plan, expected);
        assert.equal(memory.readSpans(plan, target), count);
        assert.deepEqual(target.subarray(0, count), expected.subarray(0, count));
        assert.deepEqual([around[0], around[size + 1]], [0xee, 0xee], 'wrote outside its target');
        assert.equal(memory.readSpans(plan, target), count, 'the second time');
      }),
      {
        numRuns: rounds(300),
        // Where numbers are 128 apart both seem to be one place, of no bytes.
        examples: [
          [
            [
              { address: 2 ** 60, length: 1 },
              { address: 2 ** 60, length: 1 },
            ],
            1,
          ],
        ],
      },
    );
    assert.equal(memory.gone, false);
    memory.close();
  });

  it('reads bytes to where they are wanted, and nothing that can not be', () => {
    const memory = open(process.pid);
    const target = new Uint8Array(300);
    assert.ok(memory.read(address + 1000, target, 7, 200));
    assert.deepEqual(target.subarray(7, 207), source.subarray(1000, 1200));
    assert.deepEqual([target[6], target[207]], [0, 0]);
    for (const wrong of wrongAddresses) assert.equal(memory.read(wrong, target, 0, 8), false, String(wrong));
    for (const offset of [293, -1, NaN]) assert.equal(memory.read(address, target, offset, 8), false);
    assert.ok(memory.read(0x1000, target, 0, 0), 'nothing is always there');
    assert.equal(memory.gone, false);
    memory.close();
    assert.equal(memory.read(address, target, 0, 8), false, 'closed');
  });

  it('knows when the process has ended or executes another program', async () => {
    for (const [script, stays] of [
      ['read x', false],
      ['read x; exec sleep 100', true],
    ] as const) {
      const child = spawn('sh', ['-c', `echo; ${script}`], { stdio: ['pipe', 'pipe', 'inherit'] });
      await once(child.stdout, 'data');
      const memory = open(child.pid!);
      assert.ok(memory.isAlive());
      child.stdin.end('\n');
      if (stays) await becomes(child.pid!, 'sleep');
      else await once(child, 'exit');
      assert.equal(memory.isAlive(), false);
      assert.ok(memory.gone);
      memory.close();
      child.kill('SIGKILL');
    }
  });
});

async function becomes(pid: number, name: string): Promise<void> {
  while (fs.readFileSync(`/proc/${pid}/comm`, 'latin1').trim() !== name) await new Promise((resolve) => setImmediate(resolve));
}
