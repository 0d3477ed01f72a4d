import type { Memory } from '../memory/memory.ts';
import type { Layout } from './layout.ts';
import { objectLayout } from './objectLayout.ts';
import { dictItem, instanceAttribute, moduleNamespace } from './objects.ts';
import { readPointer, readString } from './strings.ts';

/** Names are for people; Python sets no limit. */
const maxNameLength = 256;

/**
 * What `multiprocessing` calls a process that it started ("Process-1", "SpawnPoolWorker-3", or what the program said): its
 * `current_process().name` (Lib/multiprocessing/process.py). A worker learns it soon after it begins, and has until then the name
 * of the one it was forked from, or none.
 * @param interpreter address of the PyInterpreterState
 * @returns null when it was started otherwise, or that can't be read now
 */
export function readProcessName(memory: Memory, interpreter: number, layout: Layout): string | null {
  const objects = objectLayout(layout);
  if (!objects) return null;
  const modules = readPointer(memory, interpreter + layout.interpreter.modules);
  const namespace = modules === 0 ? 0 : moduleNamespace(memory, modules, 'multiprocessing.process', objects);
  const process = namespace === 0 ? 0 : dictItem(memory, namespace, '_current_process', objects);
  const name = process === 0 ? 0 : instanceAttribute(memory, process, '_name', objects);
  const text = name === 0 ? null : readString(memory, name, layout, maxNameLength);
  return text === '' || text === 'MainProcess' ? null : text;
}
