import assert from 'node:assert/strict';
import { ProfileFormatError } from '../profileFormatError.ts';
import { profileOf as profileInWords } from '../testing/build.ts';
import { everything, example, foreign } from '../testing/firefoxFiles.ts';
import { FirefoxReader, fromFirefox, parseFirefox, toFirefox } from './firefox.ts';
import { profileOf } from './savedProfile.ts';

describe('FirefoxReader', () => {
  it('reads a file wherever its pieces end', () => {
    for (const file of [
      toFirefox(example),
      toFirefox(profileInWords({ runs: [{ stack: 'f:1@CALL:5-9' }, { stack: 'f:1@BINARY_OP:3-20' }] })),
      foreign,
    ]) {
      const bytes = new TextEncoder().encode(JSON.stringify(file));
      const expected = everything(fromFirefox(file));
      const readIn = (...pieces: Uint8Array[]): unknown => {
        const reader = new FirefoxReader();
        for (const piece of pieces) reader.push(piece);
        return everything(profileOf(reader.end()));
      };
      for (let cut = 0; cut <= bytes.length; cut++) assert.deepEqual(readIn(bytes.subarray(0, cut), bytes.subarray(cut)), expected);
      assert.deepEqual(readIn(...Array.from(bytes, (byte) => Uint8Array.of(byte))), expected);
    }
  });

  it('reads a file whose parts come in any order, and twice', () => {
    const { meta, shared, threads, heatline } = toFirefox(example);
    const turned = (thread: object): object => Object.fromEntries(Object.entries(thread).reverse());
    assert.deepEqual(everything(fromFirefox({ heatline, threads: threads.map(turned), shared, meta })), everything(example));
    const text = JSON.stringify({ meta, shared, threads, heatline });
    const twice = text.replace('{', `{"threads":[{}],"meta":null,"shared":${JSON.stringify(foreign.shared)},`);
    assert.deepEqual(everything(parseFirefox(twice)), everything(example));
  });

  it('reads numbers however they are written, and refuses others', () => {
    const written = (stack: string, time: string): string =>
      JSON.stringify(foreign).replace('"stack":[1,null,0]', `"stack":[${stack}]`).replace('"timeDeltas":[-2,1,1.5]', `"time":[${time}]`);
    const { runs } = parseFirefox(written('1.0, null , 0e5', '\n-2E0,10e-1\t,0.015e+2'));
    assert.deepEqual([...runs.stacks.subarray(0, 3)], [2, 0, 1]);
    assert.deepEqual([...runs.starts.subarray(0, 3)], [0, 3000, 3500]);
    const wrong: [stack: string, time: string, why: RegExp][] = [
      ['1,"0",0', '1,2,3', /threads\[0\].samples.stack\[1\] points at nothing/],
      ['1,0,[]', '1,2,3', /stack\[2\] points at nothing/],
      ['1,-1,0', '1,2,3', /stack\[1\] points at nothing/],
      ['1,0,0.5', '1,2,3', /stack\[2\] points at nothing/],
      ['1,0,2', '1,2,3', /stack\[2\] points at nothing/],
      ['1,0,0', '1,null,3', /time\[1\] is not a number/],
      ['1,0,0', '1,2,{}', /time\[2\] is not a number/],
      ['1,0,0', '1,1e999,3', /time\[1\] is not a number/],
      ['1,0,0', '1,1e300,3', /samples\[1\] has an impossible time/],
      ['1,0,0', '1,2', /time has 2 entries where 3 are due/],
      ['1,0,0', '1,2,.5', /not JSON/],
    ];
    for (const [stack, time, why] of wrong)
      assert.throws(
        () => parseFirefox(written(stack, time)),
        (error) => error instanceof ProfileFormatError && why.test(error.message),
        `${stack} ${time}`,
      );
  });

  it('reads more samples than are made into runs at once, of few bytes each', () => {
    const rows = 150_000;
    const column = <T>(of: (row: number) => T): T[] => Array.from({ length: rows }, (_, row) => of(row));
    const [thread] = foreign.threads;
    const samples = {
      stack: column((row) => (row % 5 === 0 ? null : row % 2)),
      timeDeltas: column(() => 1),
      weight: column((row) => row % 3),
      threadCPUDelta: column((row) => row % 7),
    };
    const reader = new FirefoxReader();
    reader.push(
      new TextEncoder().encode(
        JSON.stringify({
          ...foreign,
          meta: { ...foreign.meta, sampleUnits: { threadCPUDelta: 'µs' } },
          threads: [thread, { ...thread, samples }],
        }),
      ),
    );
    const { runs } = profileOf(reader.end());
    assert.ok(reader.cost < rows * 6, `${reader.cost}`);
    const expected = Array.from({ length: rows }, (_, row) => row).filter((row) => row % 3 > 0);
    assert.equal(runs.length, 3 + expected.length);
    // The other thread has a sample 2 ms before the start.
    assert.deepEqual(
      [...runs.starts.subarray(3, runs.length)],
      expected.map((row) => (row + 3) * 1000),
    );
    assert.deepEqual(
      [...runs.stacks.subarray(3, runs.length)],
      expected.map((row) => (row % 5 === 0 ? 0 : (row % 2) + 1)),
    );
    assert.deepEqual(
      [...runs.counts.subarray(3, runs.length)],
      expected.map((row) => row % 3),
    );
    assert.deepEqual(
      [...runs.cpu.subarray(3, runs.length)],
      expected.map((row) => row % 7),
    );
    assert.deepEqual(new Set(runs.threads.subarray(3, runs.length)), new Set([1]));
  });
});
