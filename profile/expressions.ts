import type { Instruction } from './instructions.ts';
import { heaviest } from './lines.ts';
import { selfByKey, totalsByKey } from './stackTotals.ts';
import type { WeighedStacks } from './weighedStacks.ts';

/** What one expression of a line took, executed by one opcode. */
export interface ExpressionTime extends Omit<Instruction, 'offset'> {
  /** Where it begins. */
  readonly line: number;
  /** µs in which it itself was executing, what it calls in C included. */
  readonly self: number;
  /** µs in which it was executing or waiting for what it called; recursion counts once per stack. */
  readonly total: number;
  /** Number of samples in the total. */
  readonly samples: number;
}

/**
 * The expressions of a line of a file (`co_filename`), most total time first, equal ones by their own time: the `limit`
 * first of them. Places that have the same columns and opcode are one. None where the profile does not tell instructions.
 */
export function expressionTimes(weights: WeighedStacks, file: string, line: number, limit: number): ExpressionTime[] {
  const { profile, time } = weights;
  if (!profile.instructions.isPresent) return [];
  const { frameFunctions, frameLines } = profile.columns;
  const { stackFrames } = weights;
  const inFile = Uint8Array.from(profile.functions, (record) => (record.file === file ? 1 : 0));
  const found: Instruction[] = [];
  const ids = new Map<string, number>();
  const keyOfFrame = new Int32Array(profile.frameCount).fill(-1);
  for (let frame = 0; frame < keyOfFrame.length; frame++) {
    if (frameLines[frame] !== line || inFile[frameFunctions[frame]!] === 0) continue;
    const instruction = profile.instructions.of(frame);
    if (instruction === undefined) continue;
    const { opcode, endLine, startColumn, endColumn } = instruction;
    const place = [opcode, endLine, startColumn, endColumn].join(' ');
    const id = ids.get(place) ?? found.push(instruction) - 1;
    ids.set(place, id);
    keyOfFrame[frame] = id;
  }
  const keys = new Int32Array(time.length).fill(-1);
  for (let stack = 1; stack < time.length; stack++) keys[stack] = keyOfFrame[stackFrames[stack]!] ?? -1; // of no line: a folded library
  const self = selfByKey(weights, keys, found.length);
  const { time: total, samples } = totalsByKey(weights, keys, found.length, 'expression');
  return heaviest(total, samples)
    .sort((a, b) => total[b]! - total[a]! || self[b]! - self[a]!)
    .slice(0, Math.max(0, limit))
    .map((key) => {
      const { opcode, endLine, startColumn, endColumn } = found[key]!;
      return { opcode, line, endLine, startColumn, endColumn, self: self[key]!, total: total[key]!, samples: samples[key]! };
    });
}
