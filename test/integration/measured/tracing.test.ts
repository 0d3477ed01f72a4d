import assert from 'node:assert/strict';
import path from 'node:path';
import { deviationBound } from '../../../bench/shareDistance.ts';
import { SampleFlag } from '../../../profile/delta.ts';
import type { Profile } from '../../../profile/profile.ts';
import { interpreters, title } from '../../support/interpreters.ts';
import { startTarget } from '../../support/target.ts';
import { sample } from '../sample.ts';

const script = path.join(import.meta.dirname, '..', 'targets', 'tracer.py');
const wanted = 1500;

// Both are called at the same place. Standing still, all versions are read alike.
const ways = [
  ['trace', 0],
  ['profile', 0],
  ['trace', 0.1],
] as const;
const thorough = new Set([interpreters[0], interpreters.find(({ major, minor }) => major === 3 && minor === 10), interpreters.at(-1)]);

describe('Time in trace and profile functions', () => {
  for (const interpreter of interpreters) {
    for (const [how, maxStopped] of thorough.has(interpreter) ? ways : ways.slice(0, 1)) {
      it(`${title(interpreter)}: is that of a function called by the traced one, also before that begins (${how}, ${maxStopped === 0 ? 'as it runs' : 'from its core'})`, async () => {
        await using target = await startTarget(interpreter, script, { arguments: [how] });
        const { profile } = await sample(
          { pid: target.pid, rate: 1000, maxStopped },
          ({ quality, runs }) => quality.samples - quality.partial >= wanted && runs.length > 0,
        );
        const { all, called, atCall } = countsOf(profile);
        // One of two events is the call; of what was read to its end.
        const bound = 0.05 + deviationBound(all, 1, 1e-6);
        assert(called > 0.9 * all, `called by leaf: ${called} of ${all}`);
        assert(Math.abs(atCall / called - 0.5) < bound, `before it began: ${atCall} of ${called}`);
        assert(profile.quality.partial < 0.1 * profile.quality.samples, `${profile.quality.partial} of ${profile.quality.samples} partial`);
      }).timeout(120_000);
    }
  }
});

/** Samples in which it ran; those with `busy` called by `watch` called by `leaf`; and of these, those where `leaf` has not begun. */
function countsOf(profile: Profile): { all: number; called: number; atCall: number } {
  const { runs } = profile;
  const counts = { all: 0, called: 0, atCall: 0 };
  for (let run = 0; run < runs.length; run++) {
    // While it waits for a core it stands in one place, many samples long: on a busy machine these are no independent ones.
    if ((runs.flags[run]! & SampleFlag.OnCpu) === 0) continue;
    const frames: { name: string; line: number; firstLine: number }[] = [];
    for (let at = runs.stacks[run]!; at !== 0; at = profile.stackParent(at)) {
      const frame = profile.stackFrame(at);
      const { name, firstLine } = profile.functions[profile.frameFunction(frame)]!;
      frames.push({ name, line: profile.frameLine(frame), firstLine });
    }
    if (frames[0]?.name === '(not read)') continue;
    const count = runs.counts[run]!;
    counts.all += count;
    const at = frames.findIndex(({ name }) => name === 'leaf');
    if (at < 1 || frames[at - 1]!.name !== 'watch') continue;
    counts.called += count;
    if (frames[at]!.line === frames[at]!.firstLine) counts.atCall += count;
  }
  return counts;
}
