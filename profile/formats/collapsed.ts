import type { SampleFilter } from '../filter.ts';
import type { Profile } from '../profile.ts';
import { ProfileFormatError } from '../profileFormatError.ts';
import { stacksByLine } from '../stacksByLine.ts';
import { StackWeights } from '../weights.ts';

/** Longest text V8 can hold is 2^29 - 24 characters. */
const MAX_LENGTH = 2 ** 29 - 24;

/**
 * Collapsed ("folded") stacks, as flamegraph.pl and others read them: a line per stack, root first,
 * `name (file:line);name (file:line) count`, where count is the number of samples. Samples without a
 * Python frame have no line. Throws ProfileFormatError if it does not fit a string; `collapsedLines` has no limit.
 */
export function toCollapsed(profile: Profile, filter: SampleFilter = {}): string {
  const lines: string[] = [];
  let length = 0;
  for (const line of collapsedLines(profile, filter)) {
    length += line.length;
    if (length > MAX_LENGTH) {
      throw new ProfileFormatError('This profile is too big for collapsed stacks. Save it in the Firefox Profiler format.');
    }
    lines.push(line);
  }
  return lines.join('');
}

/** The lines of `toCollapsed`, each with its line feed. */
export function* collapsedLines(profile: Profile, filter: SampleFilter = {}): Generator<string, void> {
  const { samples: samplesOfStacks } = new StackWeights(profile, filter);
  const samples = new Float64Array(samplesOfStacks.length);
  stacksByLine(profile).forEach((same, stack) => (samples[same]! += samplesOfStacks[stack]!));
  const frames: string[] = [];
  for (let frame = 0; frame < profile.frameCount; frame++) frames.push(frameText(profile, frame));
  for (let stack = 1; stack < samples.length; stack++) {
    if (samples[stack] === 0) continue;
    const path: string[] = [];
    for (let at = stack; at !== 0; at = profile.stackParent(at)) path.push(frames[profile.stackFrame(at)]!);
    yield `${path.reverse().join(';')} ${samples[stack]!}\n`;
  }
}

function frameText(profile: Profile, frame: number): string {
  const { name, file } = profile.functions[profile.frameFunction(frame)]!;
  const line = profile.frameLine(frame);
  const place = line === 0 ? file : `${file}:${line}`;
  const text = place === '' ? name : `${name} (${place})`;
  // A semicolon separates frames and a line break stacks.
  return text.replace(/;/g, ',').replace(/[\r\n]+/g, ' ');
}
