import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { debugOffsetsLength, parseDebugOffsets } from '../../cpython/debugOffsets.ts';
import { type Layout, layoutFromDebugOffsets, tabulatedLayout } from '../../cpython/layout.ts';
import { opcodesOf } from '../../cpython/opcodes.ts';
import type { Memory } from '../../memory/memory.ts';
import { RecordedMemory } from '../../memory/recorded.ts';
import { type ProcessMemory, ThreadState, type ThreadStates } from '../../os/system.ts';
import type { PythonTarget } from '../sampler.ts';

/** All memory of a process that samples of it needed. Written by test/integration/recordings.test.ts (HEATLINE_RECORD). */
export interface Recording {
  readonly version: string;
  readonly runtimeAddress: number;
  readonly codeType: number;
  /** What the process said of its threads: frameText of each frame, root first, by ident. */
  readonly stacks: Readonly<Record<string, readonly string[]>>;
  /** RecordedMemory.toText() */
  readonly memory: string;
}

export const recordingsFolder = path.join(import.meta.dirname, '..', 'fixtures');

/** One of each version with frames of its own, oldest first. */
export const recordings: readonly Recording[] = readdirSync(recordingsFolder)
  .filter((name) => name.startsWith('stacks-'))
  .sort()
  .map((name) => JSON.parse(readFileSync(path.join(recordingsFolder, name), 'utf8')) as Recording);

export function minorVersionOf(recording: Recording): number {
  return Number(recording.version.split('.')[1]);
}

export function layoutOf(recording: Recording, memory: Memory): Layout {
  const minor = minorVersionOf(recording);
  if (minor < 13) return tabulatedLayout(minor)!;
  const table = new Uint8Array(debugOffsetsLength);
  if (!memory.read(recording.runtimeAddress, table, 0, table.length)) throw new Error('the recording has no table of offsets');
  return layoutFromDebugOffsets(parseDebugOffsets(table), 8);
}

/** A recorded process as the sampler sees it; `memory` in place of what was recorded, if given. */
export function recordedTarget(
  recording: Recording,
  memory: Memory = RecordedMemory.fromText(recording.memory),
  layout: Layout = layoutOf(recording, memory),
): PythonTarget {
  return {
    memory: asProcess(memory),
    states: nobodyRuns,
    layout,
    opcodes: opcodesOf(layout.minor),
    runtimeAddress: recording.runtimeAddress,
    codeType: recording.codeType,
    currentThreadAddress: 0,
    collectingAddress: 0,
    threadIds: null,
    forkedThread: null,
    namespaceIds: null,
  };
}

export function asProcess(memory: Memory): ProcessMemory {
  return {
    pid: 1,
    gone: false,
    isAlive: () => true,
    read: (address, target, offset, length) => memory.read(address, target, offset, length),
    readSpans: (plan, target) => memory.readSpans(plan, target),
    close: () => memory.close(),
  };
}

/** The states of threads that all wait. */
export const nobodyRuns: ThreadStates = {
  track: () => 0,
  untrack: () => undefined,
  look: () => ThreadState.Waiting,
  cpuTime: () => -1,
  processTime: () => -1,
  stoodStill: () => false,
  readyOn: () => -1,
  hasRun: () => false,
  isGone: () => false,
  close: () => undefined,
};
