/**
 * Feeds what a day of samples is, at full speed, to what keeps it: `longProcess.ts cli|editor turns|many SAMPLES`. Says a LongResult
 * in the end, as a line of JSON.
 *
 * `cli` is the command line's part: it takes deltas of a second, and writes the profile in the end. `editor` is the extension
 * host's: deltas of a quarter of a second, after each of which the heat is brought up to date, and after every twentieth the flame
 * graph. The sampler's own tables are not in it.
 */
import { createWriteStream, readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ProfileDelta, RunColumns } from '../../profile/delta.ts';
import { firefoxText } from '../../profile/formats/firefox.ts';
import { NO_QUALITY, Profile } from '../../profile/profile.ts';
import { StackWeights } from '../../profile/weights.ts';
import { Feed } from '../../src/flameGraph/feed.ts';
import { random } from '../../webview/dev/sampleTrees.ts';

export interface LongResult {
  readonly samples: number;
  /** MB, of the whole process: at its largest, when it was a quarter done, and when all was in. */
  readonly peak: number;
  readonly quarter: number;
  readonly end: number;
  /** ms of CPU time of the thread that it took to take a delta in: the median, all but one in a thousand, and at most. */
  readonly median: number;
  readonly nearlyAll: number;
  readonly most: number;
  /** Likewise at most, to bring what is shown up to date. */
  readonly mostUpdate: number;
  readonly runs: number;
  /** MB at its largest when the profile was written, too. */
  readonly saved: number;
}

const kinds = {
  turns: { threads: 8, stacks: 8 },
  many: { threads: 50, stacks: 50_000 },
} as const;

/** µs */
const DAY = 24 * 3600e6;
const ALL = 86_400_000;
const FRAMES = 1000;

function memory(what: 'VmRSS' | 'VmHWM'): number {
  return Number(new RegExp(`${what}:\\s+(\\d+)`).exec(readFileSync('/proc/self/status', 'utf8'))![1]) / 1000;
}

/** ms of CPU time: other programs may have the core. */
function now(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** Samples of all threads in turn, each with another stack than the one before: as many a second as 86.4 million a day are. */
function* deltas(kind: keyof typeof kinds, samples: number, seconds: number): Generator<ProfileDelta, void> {
  const { threads, stacks } = kinds[kind];
  const next = random(7);
  const spacing = DAY / ALL;
  const own = spacing * threads; // from a thread's sample to its next one
  const each = Math.round((seconds * 1e6) / spacing);
  for (let sequence = 0, done = 0; done < samples; sequence++) {
    const length = Math.min(each, samples - done);
    const runs: RunColumns = {
      threads: new Uint32Array(length),
      stacks: new Uint32Array(length),
      starts: new Float64Array(length),
      durations: new Float64Array(length).fill(own),
      counts: new Uint32Array(length).fill(1),
      cpu: new Float64Array(length).fill(own / 2),
      flags: new Uint8Array(length),
    };
    for (let i = 0; i < length; i++) {
      const sample = done + i;
      runs.threads[i] = sample % threads;
      runs.stacks[i] = 1 + (kind === 'turns' ? (Math.floor(sample / threads) + sample) % stacks : Math.floor(stacks * next()));
      runs.starts[i] = sample * spacing;
      runs.flags[i] = sample % 2 === 0 ? 3 : 0;
    }
    done += length;
    const isFirst = sequence === 0;
    yield {
      sequence,
      until: done * spacing,
      processes: isFirst
        ? [
            {
              pid: 1,
              parent: null,
              name: 'day.py',
              commandLine: [],
              executable: '',
              workingDirectory: null,
              pythonVersion: '3.13.0',
              startedAt: 0,
            },
          ]
        : [],
      threads: isFirst
        ? Array.from({ length: threads }, (_, id) => ({
            process: 0,
            osThreadId: 1 + id,
            pythonThreadId: String(id),
            interpreterId: 0,
            name: `Thread-${id}`,
            isMain: id === 0,
            startedAt: 0,
          }))
        : [],
      threadChanges: [],
      functions: isFirst ? Array.from({ length: FRAMES }, (_, id) => ({ name: `f${id}`, file: 'day.py', firstLine: 1 + id })) : [],
      frames: isFirst
        ? { functions: Uint32Array.from({ length: FRAMES }, (_, id) => id), lines: new Uint32Array(FRAMES).fill(7) }
        : { functions: new Uint32Array(0), lines: new Uint32Array(0) },
      stacks: isFirst
        ? {
            parents: Uint32Array.from({ length: stacks }, (_, stack) => Math.floor(stack / 2)),
            frames: Uint32Array.from({ length: stacks }, (_, stack) => (stack * 7919) % FRAMES),
          }
        : { parents: new Uint32Array(0), frames: new Uint32Array(0) },
      runs,
      quality: { ...NO_QUALITY, ticks: done, samples: done, elapsed: done * spacing, requestedRate: 1000 },
    };
  }
}

async function feed(part: 'cli' | 'editor', kind: keyof typeof kinds, samples: number): Promise<LongResult> {
  const profile = new Profile({ startedAtEpoch: 1_763_800_000_000 });
  const heat = new StackWeights(profile);
  const page = new Feed(profile);
  const times = new Float64Array(Math.ceil(samples / 250) + 1);
  let count = 0;
  let mostUpdate = 0;
  let quarter = 0;
  let peak = 0;
  for (const delta of deltas(kind, samples, part === 'cli' ? 1 : 0.25)) {
    const began = now();
    profile.append(delta);
    const there = now();
    times[count++] = there - began;
    if (part === 'editor') {
      heat.update();
      if (count % 20 === 0) page.tree(count, 20_000);
      mostUpdate = Math.max(mostUpdate, now() - there);
    }
    if (quarter === 0 && delta.quality.samples >= samples / 4) quarter = memory('VmRSS');
    peak = memory('VmHWM');
  }
  const end = memory('VmRSS');
  const sum = profile.runs.counts.subarray(0, profile.runs.length).reduce((all, one) => all + one, 0);
  if (sum !== samples) throw new Error(`${sum} samples instead of ${samples}`);
  if (part === 'cli') await pipeline(Readable.from(firefoxText(profile), { objectMode: false }), createWriteStream('/dev/null'));
  const sorted = times.subarray(0, count).sort();
  return {
    samples,
    peak,
    quarter,
    end,
    median: sorted[count >> 1]!,
    nearlyAll: sorted[Math.floor(count * 0.999)]!,
    most: sorted[count - 1]!,
    mostUpdate,
    runs: profile.runs.length,
    saved: memory('VmHWM'),
  };
}

const [part, kind, samples] = process.argv.slice(2);
if ((part === 'cli' || part === 'editor') && (kind === 'turns' || kind === 'many')) {
  process.stdout.write(`${JSON.stringify(await feed(part, kind, Number(samples)))}\n`);
} else {
  process.stderr.write('longProcess.ts cli|editor turns|many SAMPLES\n');
  process.exitCode = 2;
}
