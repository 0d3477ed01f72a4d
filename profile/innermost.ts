import { isKernel, isNative, isNativeNotRead, isNotRead } from './delta.ts';
import type { Profile } from './profile.ts';

/** What a thread was in, innermost: Python's own bytecode, native code, the system; `notRead` where that could not be found out. */
export const Innermost = { Python: 0, Native: 1, System: 2, NotRead: 3 } as const;

/**
 * What tells native code from Python's: native frames; or the instructions of Python's, where one that calls is innermost: it calls C. That says nothing of
 * operators in C, nor of the system. Null: nothing does.
 */
export type InnermostSource = 'native frames' | 'instructions' | null;

export function innermostSource({ quality, functions, instructions }: Profile): InnermostSource {
  if (quality.native !== undefined || functions.some(isNative)) return 'native frames';
  return instructions.isPresent ? 'instructions' : null;
}

/** Opcodes that call what lies on the value stack, specialised and instrumented ones, too; CALL_INTRINSIC_1 and _2 call the interpreter itself. */
const calls = /^(?:INSTRUMENTED_)?(?:PRECALL|CALL(?:$|_(?!INTRINSIC)))/;

/** Of each frame, an Innermost: what a thread is in whose innermost frame it is. */
export function innermostOfFrames(profile: Profile): Uint8Array {
  const { functions, frameCount, instructions } = profile;
  const { frameFunctions } = profile.columns;
  const byInstruction = innermostSource(profile) === 'instructions';
  const ofFunction = functions.map((record) => {
    if (isKernel(record)) return Innermost.System;
    if (isNativeNotRead(record) || isNotRead(record)) return Innermost.NotRead;
    return isNative(record) ? Innermost.Native : Innermost.Python;
  });
  return Uint8Array.from({ length: frameCount }, (_, frame) => {
    const found = ofFunction[frameFunctions[frame]!]!;
    if (found !== Innermost.Python || !byInstruction) return found;
    return calls.test(instructions.of(frame)?.opcode ?? '') ? Innermost.Native : found;
  });
}
