import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exactCount } from '../../profile/exactCounts.ts';
import { AnyReader } from '../../profile/formats/anyReader.ts';
import { profileOf } from '../../profile/formats/savedProfile.ts';
import { countedArguments, countedName } from './countedRun.ts';

describe('a run whose calls are counted', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'heatline-exact-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('is the interpreter’s own cProfile, and says how often each function was called', () => {
    const script = join(folder, 'app.py');
    const output = join(folder, 'app.pstats');
    writeFileSync(script, 'def leaf():\n    return sum(range(2000))\n\ndef main():\n    for _ in range(321):\n        leaf()\n\nmain()\n');
    execFileSync('python3', countedArguments({ args: [script, 'an argument'] }, 'cProfile', output));
    const reader = new AnyReader();
    reader.push(readFileSync(output));
    const profile = profileOf(reader.end());
    assert.equal(profile.exactCounts?.of, 'calls');
    assert.deepEqual(
      [1, 4].map((line) => exactCount(profile, script, line)),
      [321, 1],
    );
    assert.equal(exactCount(profile, script, 2), undefined);
  });

  it('is line_profiler’s command for each line of the script', () => {
    assert.deepEqual(countedArguments({ args: ['app.py', 'x'] }, 'line_profiler', 'out.lprof').slice(0, 8), [
      '-m',
      'kernprof',
      '--line-by-line',
      '--prof-mod',
      'app.py',
      '--outfile',
      'out.lprof',
      'app.py',
    ]);
    assert.deepEqual(countedArguments({ args: ['-m', 'shop', 'x'] }, 'line_profiler', 'o').slice(3), [
      '--prof-mod',
      'shop',
      '--outfile',
      'o',
      '-m',
      'shop',
      'x',
    ]);
  });

  it('is called after its program', () => {
    assert.equal(countedName('app.py', 'cProfile', new Date(2026, 1, 3, 4, 5, 6)), 'app-exact-040506.pstats');
    assert.equal(countedName('../..', 'line_profiler', new Date(2026, 1, 3, 14, 5, 6)), 'program-exact-140506.lprof');
  });
});

describe('exact counts', () => {
  it('are hits of lines in what line_profiler wrote', () => {
    const reader = new AnyReader();
    reader.push(readFileSync('profile/formats/corpus/lineProfiler.lprof'));
    const profile = profileOf(reader.end());
    assert.equal(profile.exactCounts?.of, 'hits');
    assert.ok(profile.exactCounts.counts.some((count) => count > 1));
    assert.equal(profile.exactCounts.counts.length <= profile.frameCount, true);
  });

  it('are not what profilers sampled', () => {
    const reader = new AnyReader();
    reader.push(readFileSync('profile/formats/corpus/sampling-3.15.pstats'));
    assert.equal(profileOf(reader.end()).exactCounts, undefined);
  });
});
