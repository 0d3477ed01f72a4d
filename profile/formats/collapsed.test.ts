import assert from 'node:assert/strict';
import fc from 'fast-check';
import { anyProfile } from '../testing/arbitrary.ts';
import { profileOf } from '../testing/build.ts';
import { StackWeights } from '../weights.ts';
import { toCollapsed } from './collapsed.ts';

describe('toCollapsed', () => {
  it('writes a line per stack, root first, with the number of samples', () => {
    const profile = profileOf({
      files: { g: '<string>' },
      runs: [
        { stack: 'main:1 f:2', count: 3 },
        { stack: 'main:1' },
        { stack: '', count: 9 },
        { stack: 'main:1 f:2', thread: 1 },
        { stack: 'main:1 g:0', flags: 0 },
      ],
    });
    assert.equal(
      toCollapsed(profile),
      'main (/work/app.py:1) 1\nmain (/work/app.py:1);f (/work/app.py:2) 4\nmain (/work/app.py:1);g (<string>) 1\n',
    );
    assert.equal(toCollapsed(profile, { onCpuOnly: true, threads: new Set([1]) }), 'main (/work/app.py:1);f (/work/app.py:2) 1\n');
  });

  it('names what was not read by its name alone', () => {
    assert.equal(toCollapsed(profileOf({ files: { x: '' }, runs: [{ stack: 'main:1 x:0' }] })), 'main (/work/app.py:1);x 1\n');
  });

  it('tells no instructions apart', () => {
    const profile = profileOf({
      runs: [{ stack: 'main:1@CALL:1-4 f:2' }, { stack: 'main:1@CALL:6-9 f:2@BINARY_OP:3-8' }, { stack: 'main:1@CALL:6-9 f:2' }],
    });
    assert.equal(toCollapsed(profile), 'main (/work/app.py:1);f (/work/app.py:2) 3\n');
  });

  it('lets no name break lines or stacks', () => {
    assert.equal(toCollapsed(profileOf({ files: { f: 'a;b\r\nc' }, runs: [{ stack: 'f:1' }] })), 'f (a,b c:1) 1\n');
  });

  it('counts every sample that has a frame', () => {
    fc.assert(
      fc.property(anyProfile, (profile) => {
        const counts = toCollapsed(profile)
          .split('\n')
          .slice(0, -1)
          .map((line) => Number(/ (\d+)$/.exec(line)![1]));
        const weights = new StackWeights(profile);
        assert.equal(
          counts.reduce((a, b) => a + b, 0),
          weights.totalSamples - weights.samples[0]!,
        );
      }),
    );
  });
});
