import assert from 'node:assert/strict';
import { LateThreads } from './lateThreads.ts';

describe('LateThreads', () => {
  it('are looked for at once, then the more rarely the longer they have been late, and begin anew with the next', () => {
    let now = 5_000_000;
    const late = new LateThreads({ monotonic: () => now });
    const process = (areMore: boolean): { releaseLate(): boolean } => ({ releaseLate: () => areMore });
    const [none, some] = [[process(false)], [process(true), process(false)]];
    assert.equal(late.wait(none), Infinity);
    const waits = [0, 3200, 16_000, 32_000, 60_000_000].map((age) => {
      now = 5_000_000 + age;
      return late.wait(some);
    });
    assert.deepEqual(waits, [200, 200, 1000, 2000, 10_000]);
    assert.equal(late.wait(none), Infinity);
    assert.equal(late.wait(some), 200);
  });
});
