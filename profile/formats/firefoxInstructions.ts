import { type InstructionColumns, instructionColumns, mapInstructionColumns } from '../delta.ts';
import type { JsonObject } from './json.ts';
import { index, list, mapped, object, text } from './json.ts';

/**
 * What a file of ours says of the instructions of its frames; undefined where it says nothing, or the Firefox Profiler saved it again with
 * other frames. What makes no sense is left to validateDelta.
 * @param value the member `heatline.instructions`
 */
export function readInstructions(
  value: unknown,
  shared: JsonObject,
  frameCount: number,
): { names: string[]; columns: InstructionColumns } | undefined {
  if (value === undefined) return undefined;
  const path = 'heatline.instructions';
  const data = object(value, path);
  const lists = instructionColumns.map((name) => list(data[name], `${path}.${name}`));
  if (lists.some(({ length }) => length !== frameCount)) return undefined;
  const read = mapInstructionColumns((name, i) =>
    Uint32Array.from(mapped(lists[i]!, (entry, at) => index(entry, 2 ** 32, `${path}.${name}[${at}]`))),
  );
  const inFrames = list(object(shared['frameTable'], 'shared.frameTable')['column'], 'shared.frameTable.column');
  if (inFrames.length !== frameCount) return undefined;
  for (let frame = 0; frame < frameCount; frame++) if ((inFrames.at(frame) ?? 0) !== read.startColumns[frame]) return undefined;
  return { names: mapped(list(data['names'], `${path}.names`), (name, i) => text(name, `${path}.names[${i}]`)), columns: read };
}
