import { mapInstructionColumns, type ProfileDelta, type RunColumns, runColumns, type ThreadChange } from './delta.ts';
import type { Profile } from './profile.ts';
import type { RunStore } from './runStore.ts';
import type { TimeSteps } from './timeSteps.ts';

/** Rows of a column in a delta at most: of runs, with 37 bytes each, some 4 MB. */
const PIECE = 100_000;

/** All that a profile has at a moment, as deltas that make it anew. */
export interface ProfileSnapshot {
  /** Profile.coarseTimes */
  readonly coarseTimes: TimeSteps;
  /** Made as they are asked for: the profile may grow meanwhile. Columns are valid until it does. */
  readonly deltas: Iterable<ProfileDelta>;
  /** To be called when no more deltas are wanted: until then the profile is held (Profile.hold). */
  readonly release: () => void;
}

/** @param piece rows of a column in a delta at most */
export function snapshotOf(profile: Profile, piece = PIECE): ProfileSnapshot {
  const release = profile.hold();
  return { coarseTimes: profile.coarseTimes, deltas: deltasOf(profile, piece), release };
}

/** Of what there is when it is called, and not when the first one is asked for. */
function deltasOf(profile: Profile, piece: number): Iterable<ProfileDelta> {
  const { until, quality, frameCount, stackCount } = profile;
  const processes = profile.processes.slice();
  const threads = profile.threads.slice();
  const functionCount = profile.functions.length;
  const opcodes = profile.instructions.opcodes.slice(1);
  const hasInstructions = profile.instructions.isPresent;
  const runCount = profile.runs.length;
  const cutCounts = { calls: profile.cut.calls.length, leaves: profile.cut.leaves.length };
  let sequence = 0;
  const delta = (given: Partial<ProfileDelta>): ProfileDelta => ({ ...nothing(), ...given, sequence: sequence++, until, quality });
  function* made(): Generator<ProfileDelta, void> {
    const threadChanges = threads.flatMap(({ endedAt }, thread): ThreadChange[] => (endedAt === undefined ? [] : [{ thread, endedAt }]));
    yield delta({ processes, threads, threadChanges, opcodes });
    for (const [from, to] of pieces(0, functionCount, piece)) yield delta({ functions: profile.functions.slice(from, to) });
    for (const [from, to] of pieces(0, frameCount, piece)) {
      const { frameFunctions, frameLines } = profile.columns;
      const columns = hasInstructions ? profile.instructions.columns : undefined;
      yield delta({
        frames: {
          functions: frameFunctions.subarray(from, to),
          lines: frameLines.subarray(from, to),
          ...(columns === undefined ? {} : { instructions: mapInstructionColumns((name) => columns[name].subarray(from, to)) }),
        },
      });
    }
    // Stack 0 is there without being told.
    for (const [from, to] of pieces(1, stackCount, piece)) {
      const { stackParents, stackFrames } = profile.columns;
      yield delta({ stacks: { parents: stackParents.subarray(from, to), frames: stackFrames.subarray(from, to) } });
    }
    for (const [from, to] of pieces(0, runCount, piece)) yield delta({ runs: runsOf(profile.runs, from, to) });
    for (const [from, to] of pieces(0, cutCounts.calls, piece))
      yield delta({ cut: { calls: runsOf(profile.cut.calls, from, to), leaves: nothing().runs } });
    for (const [from, to] of pieces(0, cutCounts.leaves, piece))
      yield delta({ cut: { calls: nothing().runs, leaves: runsOf(profile.cut.leaves, from, to) } });
  }
  return made();
}

function* pieces(from: number, to: number, piece: number): Generator<[from: number, to: number], void> {
  for (let at = from; at < to; at += piece) yield [at, Math.min(to, at + piece)];
}

function runsOf(runs: RunStore, from: number, to: number): RunColumns {
  return Object.fromEntries(runColumns.map((name) => [name, runs[name].subarray(from, to)])) as unknown as RunColumns;
}

function nothing(): Omit<ProfileDelta, 'sequence' | 'until' | 'quality'> {
  const none = new Uint32Array(0);
  return {
    processes: [],
    threads: [],
    threadChanges: [],
    functions: [],
    frames: { functions: none, lines: none },
    stacks: { parents: none, frames: none },
    runs: {
      threads: none,
      stacks: none,
      starts: new Float64Array(0),
      durations: new Float64Array(0),
      counts: none,
      cpu: new Float64Array(0),
      flags: new Uint8Array(0),
    },
  };
}
