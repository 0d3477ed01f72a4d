import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { heapFrameLayout } from '../../cpython/heapFrameLayouts.ts';
import type { HeapFrameLayout } from '../../cpython/layout.ts';
import { opcodesOf } from '../../cpython/opcodes.ts';
import { ThreadIds } from '../../cpython/threadIds.ts';
import { parseVersion } from '../../cpython/version.ts';
import type { Memory } from '../../memory/memory.ts';
import { RecordedMemory } from '../../memory/recorded.ts';
import type { PythonTarget } from '../sampler.ts';
import { asProcess, nobodyRuns, type Recording, recordingsFolder } from './recordedTarget.ts';

/** As Recording, of a version with frames on the heap. Written by test/integration/legacy/recordings.test.ts (HEATLINE_RECORD). */
export interface HeapRecording extends Recording {
  /** As in InterpreterSource, 0 where the version has something else. */
  readonly currentThreadAddress: number;
  readonly collectingAddress: number;
  /** Address of `_thread_db_pthread_tid`. */
  readonly threadIdDescriptor: number;
}

/** Oldest first. */
export const heapRecordings: readonly HeapRecording[] = readdirSync(recordingsFolder)
  .filter((name) => name.startsWith('heap-'))
  .map((name) => JSON.parse(readFileSync(path.join(recordingsFolder, name), 'utf8')) as HeapRecording)
  .sort((a, b) => parseVersion(a.version)! - parseVersion(b.version)!);

export function heapLayoutOf(recording: HeapRecording): HeapFrameLayout {
  return heapFrameLayout(parseVersion(recording.version)!)!;
}

/** A recorded process as the sampler sees it; `memory` in place of what was recorded, if given. */
export function recordedHeapTarget(
  recording: HeapRecording,
  memory: Memory = RecordedMemory.fromText(recording.memory),
): PythonTarget & { readonly layout: HeapFrameLayout } {
  const { runtimeAddress, codeType, currentThreadAddress, collectingAddress, threadIdDescriptor } = recording;
  return {
    memory: asProcess(memory),
    states: nobodyRuns,
    layout: heapLayoutOf(recording),
    opcodes: opcodesOf(-1),
    runtimeAddress,
    codeType,
    currentThreadAddress,
    collectingAddress,
    threadIds: new ThreadIds(memory, threadIdDescriptor, () => []),
    forkedThread: null,
    namespaceIds: null,
  };
}
