import { type FunctionRecord, isNotRead } from '../delta.ts';
import { PairTable } from '../pairTable.ts';
import type { Profile } from '../profile.ts';
import { matchFunctions } from './matching.ts';

export interface DiffPlace {
  readonly function: string;
  readonly file: string;
  /** Of a function, the first, or the line that it is about; 0: not known. */
  readonly line: number;
}

/** What two profiles are compared by: functions or lines, with dense keys that both share. */
export interface DiffKeys {
  readonly length: number;
  readonly before: DiffKeysOfSide;
  readonly after: DiffKeysOfSide;
}

export interface DiffKeysOfSide {
  /** By frame id. */
  readonly ofFrame: Int32Array;
  /** The key of `notReadFunction`; -1: there is none. */
  readonly notRead: number;
  /** Null: this profile has none of that key. */
  readonly place: (key: number) => DiffPlace | null;
}

export function functionKeys(before: Profile, after: Profile): DiffKeys {
  const { functions, ofBefore, ofAfter } = matchFunctions(before.functions, after.functions);
  const side = (profile: Profile, ofFunction: Int32Array, recordOf: (key: number) => FunctionRecord | null): DiffKeysOfSide => {
    const notRead = profile.functions.findIndex(isNotRead);
    return {
      ofFrame: Int32Array.from({ length: profile.frameCount }, (_, frame) => ofFunction[profile.frameFunction(frame)]!),
      notRead: notRead < 0 ? -1 : ofFunction[notRead]!,
      place: (key) => {
        const record = recordOf(key);
        return record === null ? null : { function: record.name, file: record.file, line: record.firstLine };
      },
    };
  };
  return {
    length: functions.length,
    before: side(before, ofBefore, (key) => functions[key]!.before),
    after: side(after, ofAfter, (key) => functions[key]!.after),
  };
}

/** Lines are the same that are as far from their functions' first lines; where these are not known, that have the same number. */
export function lineKeys(before: Profile, after: Profile): DiffKeys {
  const { functions, ofBefore, ofAfter } = matchFunctions(before.functions, after.functions);
  const pairs = new PairTable();
  const hasFirstLines = functions.map(
    (one) => (one.before === null || one.before.firstLine > 0) && (one.after === null || one.after.firstLine > 0),
  );
  const side = (profile: Profile, ofFunction: Int32Array): DiffKeysOfSide => {
    const places = new Map<number, DiffPlace>();
    let notRead = -1;
    const ofFrame = Int32Array.from({ length: profile.frameCount }, (_, frame) => {
      const func = profile.frameFunction(frame);
      const line = profile.frameLine(frame);
      const record = profile.functions[func]!;
      const matched = ofFunction[func]!;
      // No function is 2^31 lines long.
      const offset = line === 0 ? -(2 ** 31) : hasFirstLines[matched] === true ? line - record.firstLine : line;
      const key = pairs.id(matched, offset);
      if (!places.has(key)) places.set(key, { function: record.name, file: record.file, line });
      if (isNotRead(record)) notRead = key;
      return key;
    });
    return { ofFrame, notRead, place: (key) => places.get(key) ?? null };
  };
  const sides = { before: side(before, ofBefore), after: side(after, ofAfter) };
  return { length: pairs.length, ...sides };
}
