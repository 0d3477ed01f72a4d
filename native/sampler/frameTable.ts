import type { FunctionRecord } from '../../profile/delta.ts';

/**
 * Functions and frames (function and line) by number, shared by all processes of a session: the same
 * code in two processes, or decoded twice, is the same function.
 */
export class FrameTable {
  private readonly functions = new Map<string, number>();
  private readonly frames = new Map<number, number>();
  private newFunctions: FunctionRecord[] = [];
  private newFrameFunctions: number[] = [];
  private newFrameLines: number[] = [];

  functionId(name: string, file: string, firstLine: number): number {
    const key = `${firstLine}\0${name}\0${file}`;
    let id = this.functions.get(key);
    if (id === undefined) {
      id = this.functions.size;
      this.functions.set(key, id);
      this.newFunctions.push({ name, file, firstLine });
    }
    return id;
  }

  frame(functionId: number, line: number): number {
    // Lines are int32, so no two pairs share a key below 2^53 for the first 4 million functions.
    const key = functionId * 2 ** 31 + line;
    let frame = this.frames.get(key);
    if (frame === undefined) {
      frame = this.frames.size;
      this.frames.set(key, frame);
      this.newFrameFunctions.push(functionId);
      this.newFrameLines.push(line);
    }
    return frame;
  }

  /** Functions and frames found since the last call. */
  takeNew(): { functions: FunctionRecord[]; frameFunctions: Uint32Array<ArrayBuffer>; frameLines: Uint32Array<ArrayBuffer> } {
    const taken = {
      functions: this.newFunctions,
      frameFunctions: Uint32Array.from(this.newFrameFunctions),
      frameLines: Uint32Array.from(this.newFrameLines),
    };
    this.newFunctions = [];
    this.newFrameFunctions = [];
    this.newFrameLines = [];
    return taken;
  }
}
