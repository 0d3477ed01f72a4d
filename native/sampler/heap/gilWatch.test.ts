import assert from 'node:assert/strict';
import { heapFrameLayout } from '../../cpython/heapFrameLayouts.ts';
import { SpanPlan } from '../../memory/memory.ts';
import { GilWatch } from './gilWatch.ts';
import { SampledThread } from '../threads/sampledThread.ts';

const one = new SampledThread(0x7f00_1000_0010, 1, '1');
const two = new SampledThread(0x7f00_1000_0020, 2, '2');
const runtimeAddress = 0x5000_0000;
const currentThreadAddress = 0x6000_0000;

/** The GIL as 3.7 to 3.10 tell it: who held it last, whether that still does, and how often it went to another. */
interface Gil {
  readonly holder: SampledThread;
  readonly locked: boolean;
  readonly switches: number;
}

function watch38(before: Gil, after: Gil, thread: SampledThread): boolean {
  const gil = new GilWatch({ layout: heapFrameLayout(0x030812f0)!, runtimeAddress, currentThreadAddress: 0 });
  const plan = new SpanPlan();
  plan.add(0x1000, 64); // something else comes first
  gil.planBefore(plan);
  plan.add(0x2000, 64);
  gil.planAfter(plan);
  assert.equal(plan.addresses[1], runtimeAddress + 1152 + 8);
  const words = new Int32Array(plan.totalLength >> 2);
  for (const [span, state] of [
    [1, before],
    [3, after],
  ] as const) {
    let at = 0;
    for (let i = 0; i < span; i++) at += plan.lengths[i]! >> 2;
    words.set([state.holder.addressLow, state.holder.addressHigh, state.locked ? 1 : 0, 0, state.switches, 0], at);
  }
  return gil.mayHaveRun(words, thread);
}

function watch27(before: SampledThread | null, after: SampledThread | null, thread: SampledThread): boolean {
  const gil = new GilWatch({ layout: heapFrameLayout(0x020712f0)!, runtimeAddress, currentThreadAddress });
  const plan = new SpanPlan();
  gil.planBefore(plan);
  gil.planAfter(plan);
  const words = Int32Array.from([before, after].flatMap((holder) => [holder?.addressLow ?? 0, holder?.addressHigh ?? 0]));
  return gil.mayHaveRun(words, thread);
}

describe('GilWatch', () => {
  it('knows that who does not hold the GIL at either end does not run (3.7+)', () => {
    const held = { holder: one, locked: true, switches: 7 };
    const free = { ...held, locked: false };
    assert(watch38(held, held, one));
    assert(!watch38(held, held, two));
    assert(watch38(free, held, one), 'it took it');
    assert(watch38(held, free, one), 'it gave it away');
    assert(!watch38(free, free, one));
    assert(!watch38(free, held, two));
  });

  it('takes everybody to have run when it changed hands', () => {
    const before = { holder: one, locked: true, switches: 7 };
    const after = { holder: two, locked: false, switches: 8 };
    assert(watch38(before, after, one));
    assert(watch38(before, after, two));
    assert(watch38(before, { ...before, switches: 9 }, two), 'back and forth');
  });

  it('goes by the current thread state to 3.6', () => {
    assert(watch27(one, one, one));
    assert(!watch27(one, one, two));
    assert(watch27(null, one, one));
    assert(watch27(one, null, one));
    assert(!watch27(null, null, one));
    assert(watch27(two, one, one));
  });

  it('excludes nothing where the GIL is not known', () => {
    const gil = new GilWatch({ layout: heapFrameLayout(0x020712f0)!, runtimeAddress, currentThreadAddress: 0 });
    const plan = new SpanPlan();
    gil.planBefore(plan);
    gil.planAfter(plan);
    assert.equal(plan.count, 0);
    assert(gil.mayHaveRun(new Int32Array(0), one));
  });
});
