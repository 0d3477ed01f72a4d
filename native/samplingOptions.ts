/**
 * What of a program is sampled, and how, as its user chooses it. Declared here once: commands, settings and the helper take their
 * part of it by `Pick`, and pass it on by `samplingOptions`. Times in ms, rates in samples per second.
 */
export interface SamplingOptions {
  /** Ticks per second, 1 to 1 000 000, or 'max' to sample without waiting. */
  readonly rate: number | 'max';
  /** Ends by itself after this many ms of sampling; without it, when stopped or the target ends. */
  readonly duration?: number;
  /** Follows the processes it starts, too, as long as any of them lives. What is not Python itself may have started some that is. */
  readonly subprocesses?: boolean;
  /** Takes as much of a program's time as it needs for the rate: `maxStopped` is 0.1 unless told. */
  readonly blocking?: boolean;
  /**
   * Share of a program's time, 0 to 0.5, for which looks may take its core, so that it stands still for them: 0.01 unless told.
   * 0: it is looked at from other cores only, as it runs. Looks are made more rarely than `rate` where they would take more.
   */
  readonly maxStopped?: number;
  /** Shows the asyncio task that runs as a frame below its coroutine's (Python 3.8 and newer). */
  readonly tasks?: boolean;
  /**
   * Tells frames apart by their instructions, with opcodes and columns (Python 3.11 and newer; older ones by their lines, as
   * without it).
   */
  readonly instructions?: boolean;
  /**
   * Reads native frames, too, for which threads that run are stopped for moments (docs/native.md): `functions`, or `all`, with what the
   * interpreter does for every call alike. Programs stand still for looks by `maxStopped`, 0.1 unless told.
   */
  readonly native?: 'functions' | 'all';
  /** Folders of ours with separate debug files of native code, laid out as /usr/lib/debug. */
  readonly debugFolders?: readonly string[];
}

/** Options that are on or off. On each command line of ours they are called so: `--subprocesses`. */
export const samplingSwitches = ['subprocesses', 'tasks', 'instructions'] as const satisfies readonly (keyof SamplingOptions)[];

export type SamplingSwitch = (typeof samplingSwitches)[number];

const isOption: Readonly<Record<keyof SamplingOptions, true>> = {
  rate: true,
  duration: true,
  subprocesses: true,
  blocking: true,
  maxStopped: true,
  tasks: true,
  instructions: true,
  native: true,
  debugFolders: true,
};

/** @returns of all that is given, the options of sampling that say something: what is undefined, or off, is left out */
export function samplingOptions(given: SamplingOptions): SamplingOptions {
  const entries: [string, unknown][] = Object.entries(given);
  return Object.fromEntries(
    entries.filter(([name, value]) => Object.hasOwn(isOption, name) && value !== undefined && value !== false),
  ) as unknown as SamplingOptions; // each name has the type that `given` has it with
}

/** @returns the arguments that say which switches are on */
export function switchArguments(given: Readonly<Partial<Pick<SamplingOptions, SamplingSwitch>>>): string[] {
  return samplingSwitches.filter((name) => given[name] === true).map((name) => `--${name}`);
}
