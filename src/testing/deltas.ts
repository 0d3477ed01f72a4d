import type { ProfileDelta, Quality } from '../../profile/delta.ts';
import { NO_QUALITY } from '../../profile/profile.ts';

export const noQuality: Quality = { ...NO_QUALITY, requestedRate: 1000 };

/** A delta that adds nothing but what is given. For tests. */
export function emptyDelta(given: Partial<ProfileDelta> = {}): ProfileDelta {
  return {
    sequence: 0,
    until: 0,
    processes: [],
    threads: [],
    threadChanges: [],
    functions: [],
    frames: { functions: new Uint32Array(), lines: new Uint32Array() },
    stacks: { parents: new Uint32Array(), frames: new Uint32Array() },
    runs: {
      threads: new Uint32Array(),
      stacks: new Uint32Array(),
      starts: new Float64Array(),
      durations: new Float64Array(),
      counts: new Uint32Array(),
      cpu: new Float64Array(),
      flags: new Uint8Array(),
    },
    quality: noQuality,
    ...given,
  };
}

/**
 * What one main thread did in one delta: each path a stack, root first, as `[function name, line]`, all in one file; 1 ms on the
 * CPU per sample. For tests.
 */
export function recordedDelta(
  file: string,
  samples: readonly { readonly path: readonly (readonly [string, number])[]; readonly count: number }[],
): ProfileDelta {
  const names: string[] = [];
  const frameFunctions: number[] = [];
  const frameLines: number[] = [];
  const parents: number[] = [];
  const stackFrames: number[] = [];
  const leaves = samples.map(({ path }) => {
    let parent = 0;
    for (const [name, line] of path) {
      if (!names.includes(name)) names.push(name);
      const func = names.indexOf(name);
      let frame = frameFunctions.findIndex((other, i) => other === func && frameLines[i] === line);
      if (frame < 0) frame = frameFunctions.push(func) && frameLines.push(line) - 1;
      let stack = parents.findIndex((other, i) => other === parent && stackFrames[i] === frame);
      if (stack < 0) stack = parents.push(parent) && stackFrames.push(frame) - 1;
      parent = stack + 1;
    }
    return parent;
  });
  const counts = samples.map(({ count }) => count);
  const total = counts.reduce((sum, count) => sum + count, 0);
  let start = 0;
  return emptyDelta({
    until: total * 1000,
    processes: [
      {
        pid: 1234,
        parent: null,
        name: 'app.py',
        commandLine: ['python', 'app.py'],
        executable: '/usr/bin/python3',
        workingDirectory: null,
        pythonVersion: '3.12.1',
        startedAt: 0,
      },
    ],
    threads: [{ process: 0, osThreadId: 1234, pythonThreadId: '1', interpreterId: 0, name: 'MainThread', isMain: true, startedAt: 0 }],
    functions: names.map((name) => ({ name, file, firstLine: 1 })),
    frames: { functions: Uint32Array.from(frameFunctions), lines: Uint32Array.from(frameLines) },
    stacks: { parents: Uint32Array.from(parents), frames: Uint32Array.from(stackFrames) },
    runs: {
      threads: new Uint32Array(leaves.length),
      stacks: Uint32Array.from(leaves),
      starts: Float64Array.from(counts, (count) => (start += count * 1000) - count * 1000),
      durations: Float64Array.from(counts, (count) => count * 1000),
      counts: Uint32Array.from(counts),
      cpu: Float64Array.from(counts, (count) => count * 1000),
      flags: new Uint8Array(leaves.length).fill(3),
    },
    quality: { ...noQuality, ticks: total, samples: total, elapsed: total * 1000 },
  });
}
