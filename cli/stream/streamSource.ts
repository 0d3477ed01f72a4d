import type { ProfileDelta } from '../../profile/delta.ts';
import type { Profile } from '../../profile/profile.ts';
import { SampleSums } from './sampleSums.ts';
import type { StreamEvent, StreamStack } from './streamEvents.ts';

/** Entries of a line at most: half a megabyte. */
const PIECE = 5000;

/**
 * Makes events of what is recorded, when somebody takes them. Between two takes samples are added up, and all the rest is in the profile:
 * who takes rarely gets fewer and longer events, and nothing waits for him that grows without bound.
 */
export class StreamSource {
  readonly #profile: () => Profile;
  readonly #sums: SampleSums;
  readonly #piece: number;
  /** Numbers up to which everything was told. */
  readonly #told = { processes: 0, threads: 0, functions: 0, stacks: 1 };
  /** What changed since the last time. */
  #changed = noChanges();
  /** By process: threads that were told of and have not ended. */
  readonly #living = new Map<number, number>();
  /** Threads whose end was told. */
  readonly #ended = new Set<number>();
  /** µs */
  #until = 0;
  #hasMore = false;

  /** @param profile that has what `add` is told */
  constructor(profile: () => Profile, sums = new SampleSums(), piece = PIECE) {
    this.#profile = profile;
    this.#sums = sums;
    this.#piece = piece;
  }

  /** Whether there is anything to take. */
  get hasMore(): boolean {
    return this.#hasMore;
  }

  /** To be told when the profile has it. */
  add(delta: ProfileDelta): void {
    this.#hasMore = true;
    this.#sums.add(delta.runs);
    for (const { process } of delta.processChanges ?? []) this.#changed.processNames.add(process);
    for (const { thread, name, endedAt } of delta.threadChanges) {
      if (name !== undefined) this.#changed.threadNames.add(thread);
      if (endedAt !== undefined) this.#changed.threadEnds.add(thread);
    }
  }

  /** All that came since the last time; to be taken whole before the next time. Numbers are told before they are used. */
  *take(): Generator<StreamEvent, void> {
    this.#hasMore = false;
    const { quality } = this.#profile();
    const until = Math.round(this.#profile().until);
    const samples = this.#sums.take();
    const { skipped } = this.#sums;
    const from = this.#until;
    this.#until = until;
    const changed = this.#changed;
    this.#changed = noChanges();
    const known = { ...this.#told };
    yield* this.#newRecords();
    yield* this.#newStacks();
    for (const piece of pieces(samples, this.#piece)) yield { event: 'samples', from, until, samples: piece };
    yield* this.#changes(changed, known);
    yield { event: 'quality', until, quality, skipped };
  }

  *#newRecords(): Generator<StreamEvent, void> {
    const { processes, threads } = this.#profile();
    const counts = { processes: processes.length, threads: threads.length };
    for (; this.#told.processes < counts.processes; this.#told.processes++) {
      const { pid, parent, name, commandLine, workingDirectory, pythonVersion: python, startedAt } = processes[this.#told.processes]!;
      const at = Math.round(startedAt);
      yield { event: 'process', id: this.#told.processes, pid, parent, name, commandLine, workingDirectory, python, at };
    }
    for (; this.#told.threads < counts.threads; this.#told.threads++) {
      const { process, osThreadId: osId, name, isMain, startedAt } = threads[this.#told.threads]!;
      this.#living.set(process, (this.#living.get(process) ?? 0) + 1);
      yield { event: 'thread', id: this.#told.threads, process, osId, name, isMain, at: Math.round(startedAt) };
    }
  }

  *#newStacks(): Generator<StreamEvent, void> {
    const profile = this.#profile();
    const counts = { functions: profile.functions.length, stacks: profile.stackCount };
    while (this.#told.functions < counts.functions || this.#told.stacks < counts.stacks) {
      const functions = profile.functions
        .slice(this.#told.functions, Math.min(counts.functions, this.#told.functions + this.#piece))
        .map(({ name, file, firstLine: line }, i) => ({ id: this.#told.functions + i, name, file, line }));
      this.#told.functions += functions.length;
      const stacks: StreamStack[] = [];
      // All functions first: a stack's is among them.
      while (this.#told.functions === counts.functions && this.#told.stacks < counts.stacks && stacks.length < this.#piece) {
        const id = this.#told.stacks++;
        const frame = profile.stackFrame(id);
        stacks.push({ id, parent: profile.stackParent(id), function: profile.frameFunction(frame), line: profile.frameLine(frame) });
      }
      yield { event: 'stacks', functions, stacks };
    }
  }

  /** @param known what was told before: a new one's name is told with it */
  *#changes(
    { processNames, threadNames, threadEnds }: Changes,
    known: { readonly processes: number; readonly threads: number },
  ): Generator<StreamEvent, void> {
    const { processes, threads } = this.#profile();
    for (const id of processNames) if (id < known.processes) yield { event: 'process-renamed', id, name: processes[id]!.name };
    for (const id of threadNames) if (id < known.threads) yield { event: 'thread-renamed', id, name: threads[id]!.name };
    for (const id of threadEnds) {
      const { endedAt = 0, process } = threads[id]!;
      if (this.#ended.has(id)) continue;
      this.#ended.add(id);
      const at = Math.round(endedAt);
      yield { event: 'thread-ended', id, at };
      const living = this.#living.get(process)! - 1;
      this.#living.set(process, living);
      if (living === 0) yield { event: 'process-ended', id: process, at };
    }
  }
}

interface Changes {
  readonly processNames: Set<number>;
  readonly threadNames: Set<number>;
  readonly threadEnds: Set<number>;
}

function noChanges(): Changes {
  return { processNames: new Set(), threadNames: new Set(), threadEnds: new Set() };
}

function* pieces<T>(all: Iterable<T>, length: number): Generator<T[], void> {
  let piece: T[] = [];
  for (const one of all) {
    if (piece.push(one) < length) continue;
    yield piece;
    piece = [];
  }
  if (piece.length > 0) yield piece;
}
