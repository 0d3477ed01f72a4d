import { execFileSync } from 'node:child_process';
import { isNotRead, SampleFlag } from '../../profile/delta.ts';
import type { Profile } from '../../profile/profile.ts';
import type { Interpreter } from '../support/interpreters.ts';

/** The part of a target that runs the program: its calls depend on the mode. */
const harness = ' edges.py:';
/** Called when some object goes, which may be anywhere and is elsewhere under a tracer. */
const anywhere = '_remove _weakrefset.py:';
/** µs */
export const sliceLength = 50_000;

/** Why a stack is none that the program can have. */
export type Fault =
  | 'impossible' // a function called by one that never calls it
  | 'wrongLine' // called by one that does, but not from that line
  | 'foreignLine' // a line that is not the function's
  | 'unknown'; // a call from or to a function that the trace did not meet

/** Every call a program can make and every line of its functions, by a trace of it (targets/edges.py). */
export class EdgeTable {
  /** "callerKey line calleeKey" */
  private readonly calls = new Set<string>();
  private readonly edges = new Set<string>();
  private readonly lines = new Map<string, ReadonlySet<number>>();

  constructor(interpreter: Interpreter, script: string, program: string) {
    const output = execFileSync(interpreter.path, [script, 'trace', program], {
      encoding: 'utf8',
      env: { ...process.env, ...interpreter.environment },
      maxBuffer: 1 << 28,
    });
    const { functions, edges } = JSON.parse(output) as {
      functions: [string, string, number, number[]][];
      edges: [number, number, number][];
    };
    const keys = functions.map(([name, file, firstLine]) => functionKey(name, file, firstLine));
    functions.forEach(([, , , lines], index) => this.lines.set(keys[index]!, new Set(lines)));
    for (const [caller, line, callee] of edges) {
      this.calls.add(`${keys[caller]!} ${line} ${keys[callee]!}`);
      this.edges.add(`${keys[caller]!} ${keys[callee]!}`);
    }
  }

  judge(profile: Profile): Judgement {
    const judgement = new Judgement();
    const faults = new Map<number, { readonly fault: Fault | null; readonly what: string }>();
    const keys = profile.functions.map(({ name, file, firstLine }) => functionKey(name, file, firstLine));
    const { stacks, starts, counts, flags, length } = profile.runs;
    for (let run = 0; run < length; run++) {
      const stack = stacks[run]!;
      let found = faults.get(stack);
      if (found === undefined) faults.set(stack, (found = this.faultOf(profile, stack, keys)));
      judgement.add(Math.floor(starts[run]! / sliceLength), counts[run]!, found.fault, found.what);
      if ((flags[run]! & SampleFlag.Partial) !== 0) judgement.add(Math.floor(starts[run]! / sliceLength), counts[run]!, 'partial', '');
    }
    return judgement;
  }

  private faultOf(profile: Profile, stack: number, keys: readonly string[]): { fault: Fault | null; what: string } {
    let wrong: string | null = null;
    let callee: string | null = null;
    // What stands for calls that were not read calls nothing and is called by nothing.
    const isCut = stack !== 0 && isNotRead(profile.functions[profile.frameFunction(profile.stackFrame(stack))]!);
    for (let at = isCut ? profile.stackParent(stack) : stack; at !== 0; at = profile.stackParent(at)) {
      const frame = profile.stackFrame(at);
      const key = keys[profile.frameFunction(frame)]!;
      const line = profile.frameLine(frame);
      if (this.lines.get(key)?.has(line) === false) return { fault: 'foreignLine', what: `${key} ${line}` };
      if (callee !== null && !key.includes(harness) && !callee.includes(harness) && !callee.includes(anywhere)) {
        const what = `${key} ${line} ${callee}`;
        if (!this.edges.has(`${key} ${callee}`))
          return { fault: this.lines.has(key) && this.lines.has(callee) ? 'impossible' : 'unknown', what };
        if (!this.calls.has(what)) wrong = what;
      }
      callee = key;
    }
    // Every program begins in a module, and every other thread of it in the harness.
    if (callee?.startsWith('<module>') !== true && callee?.includes(harness) !== true)
      return { fault: 'impossible', what: `${callee ?? 'nothing'} is the root` };
    return wrong === null ? { fault: null, what: '' } : { fault: 'wrongLine', what: wrong };
  }
}

/** How well a profile agrees with an EdgeTable. */
export class Judgement {
  samples = 0;
  /** What was wrong, and in how many samples. */
  readonly examples = new Map<string, number>();
  private readonly slices = new Map<number, Map<Fault | 'partial' | 'all', number>>();

  add(slice: number, count: number, fault: Fault | 'partial' | null, what: string): void {
    const counts = this.slices.get(slice) ?? new Map<Fault | 'partial' | 'all', number>();
    this.slices.set(slice, counts);
    if (fault !== 'partial') {
      counts.set('all', (counts.get('all') ?? 0) + count);
      this.samples += count;
    }
    if (fault === null) return;
    counts.set(fault, (counts.get(fault) ?? 0) + count);
    if (what !== '') this.examples.set(what, (this.examples.get(what) ?? 0) + count);
  }

  /** Share of all samples with a fault. */
  share(fault: Fault | 'partial'): number {
    let sum = 0;
    for (const counts of this.slices.values()) sum += counts.get(fault) ?? 0;
    return sum / Math.max(1, this.samples);
  }

  /**
   * Share of samples with a fault in the median slice of 50 ms. A target that loses its CPU stands still
   * for thousands of samples, perhaps in the middle of a call, and a sampler that loses its CPU in the middle of a
   * copy tears it: on a busy machine that spoils some slices, while a broken rule spoils all.
   */
  typicalShare(fault: Fault | 'partial'): number {
    const shares = [...this.slices.values()].map((counts) => (counts.get(fault) ?? 0) / (counts.get('all') ?? 1));
    return shares.sort((a, b) => a - b)[shares.length >> 1] ?? 0;
  }
}

function functionKey(name: string, file: string, firstLine: number): string {
  return `${name} ${file.slice(file.lastIndexOf('/') + 1)}:${firstLine}`;
}
