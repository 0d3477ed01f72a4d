import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { ProfileFormatError } from '../profileFormatError.ts';
import { anyProfile } from '../testing/arbitrary.ts';
import { profileOf } from '../testing/build.ts';
import { StackWeights } from '../weights.ts';
import { toSpeedscope } from './speedscope.ts';

describe('toSpeedscope', () => {
  it('writes a sampled profile per thread', () => {
    const file = toSpeedscope(
      profileOf({
        processes: [{}, { pid: 5, name: 'worker.py' }],
        threads: [{}, { process: 1, name: '' }],
        runs: [{ stack: 'main:1 f:0', count: 2 }, { stack: '' }, { stack: 'main:2', thread: 1, start: 500, duration: 9000 }],
      }),
    );
    assert.deepEqual(file, {
      $schema: 'https://www.speedscope.app/file-format-schema.json',
      exporter: 'Heatline',
      name: 'app.py',
      activeProfileIndex: 1,
      shared: {
        frames: [
          { name: 'main', file: '/work/app.py', line: 1 },
          { name: 'f', file: '/work/app.py' },
          { name: 'main', file: '/work/app.py', line: 2 },
        ],
      },
      profiles: [
        {
          type: 'sampled',
          name: 'app.py (4242): MainThread',
          unit: 'microseconds',
          startValue: 0,
          endValue: 3000,
          samples: [[0, 1], []],
          weights: [2000, 1000],
        },
        {
          type: 'sampled',
          name: 'worker.py (5): Thread 4243',
          unit: 'microseconds',
          startValue: 500,
          endValue: 9500,
          samples: [[2]],
          weights: [9000],
        },
      ],
    });
  });

  it("fits speedscope's schema, and its weights are the profile's", () => {
    const schema: unknown = JSON.parse(
      readFileSync(new URL('../../node_modules/speedscope/dist/release/file-format-schema.json', import.meta.url), 'utf8'),
    );
    const validate = new Ajv({ strict: false }).compile(schema as object);
    assert.ok(!validate({ profiles: [] }), 'the schema refuses something');
    fc.assert(
      fc.property(anyProfile, (profile) => {
        const file = toSpeedscope(profile);
        assert.ok(validate(JSON.parse(JSON.stringify(file))), JSON.stringify(validate.errors));
        for (const { samples, weights, startValue, endValue } of file.profiles) {
          assert.equal(samples.length, weights.length);
          assert.equal(
            weights.reduce((a, b) => a + b, 0),
            endValue - startValue,
          );
        }
        const total = file.profiles.flatMap(({ weights }) => weights).reduce((a, b) => a + b, 0);
        assert.equal(total, new StackWeights(profile).totalTime);
      }),
    );
  });

  it('tells no instructions apart', () => {
    const { shared, profiles } = toSpeedscope(
      profileOf({ runs: [{ stack: 'main:1@CALL:1-4 f:2' }, { stack: 'main:1@CALL:6-9 f:2@BINARY_OP:3-8' }] }),
    );
    assert.deepEqual(
      shared.frames.map(({ name }) => name),
      ['main', 'f'],
    );
    assert.deepEqual(profiles[0]!.samples, [
      [0, 1],
      [0, 1],
    ]);
  });

  it('merges runs rather than become too big, and says so if it must', () => {
    const runs = Array.from({ length: 1000 }, (_, i) => ({ stack: i % 2 === 0 ? 'a:1 b:2' : 'a:1 c:3' }));
    const profile = profileOf({ runs });
    const [thread] = toSpeedscope(profile, 100).profiles;
    assert.ok(thread!.samples.flat().length <= 100);
    assert.equal(
      thread!.weights.reduce((a, b) => a + b, 0),
      1_000_000,
    );
    assert.equal(profile.runs.length, 1000);
    assert.throws(() => toSpeedscope(profile, 3), ProfileFormatError);
  });
});
