import type { Memory } from '../memory/memory.ts';
import type { Layout } from './layout.ts';
import { objectLayout } from './objectLayout.ts';
import { dictItem, dictItems, instanceAttribute, moduleNamespace, readInt } from './objects.ts';
import { readPointer, readString } from './strings.ts';

/** Names are for people; Python sets no limit. */
const maxNameLength = 256;
const maxThreads = 1 << 14;

/**
 * Names of the threads that an interpreter's `threading` module knows, by `threading.get_ident()`
 * (decimal, as in ThreadRecord.pythonThreadId). About 50 µs a thread: for when a thread is new, not
 * for every sample.
 * @param interpreter address of the PyInterpreterState
 * @returns null when they can't be read now: `threading` isn't imported, the dict is being changed,
 *   or the version is unknown. Threads without a readable name are left out.
 */
export function readThreadNames(memory: Memory, interpreter: number, layout: Layout): Map<string, string> | null {
  const objects = objectLayout(layout);
  if (!objects) return null;
  const modules = readPointer(memory, interpreter + layout.interpreter.modules);
  const threading = modules === 0 ? 0 : moduleNamespace(memory, modules, 'threading', objects);
  const active = threading === 0 ? 0 : dictItem(memory, threading, '_active', objects);
  const threads = active === 0 ? null : dictItems(memory, active, maxThreads, objects);
  if (!threads) return null;
  const attribute = layout.major === 2 ? '_Thread__name' : '_name';
  const names = new Map<string, string>();
  for (const { key, value } of threads) {
    const id = readInt(memory, key, objects);
    const name = instanceAttribute(memory, value, attribute, objects);
    const text = name === 0 ? null : readString(memory, name, layout, maxNameLength);
    if (id !== null && text !== null) names.set(id, text);
  }
  return names;
}

/** What a thread of the system is called, whichever interpreter it runs in at the moment. */
export class ThreadNames {
  private readonly byInterpreter: ReadonlyMap<number, ReadonlyMap<string, string>>;

  /** Reads them, as `readThreadNames` does. */
  constructor(memory: Memory, interpreters: readonly { readonly id: number; readonly address: number }[], layout: Layout) {
    const byInterpreter = new Map<number, ReadonlyMap<string, string>>();
    for (const { id, address } of interpreters) {
      const names = readThreadNames(memory, address, layout);
      if (names !== null) byInterpreter.set(id, names);
    }
    this.byInterpreter = byInterpreter;
  }

  /**
   * The main interpreter's name goes before the one of where it runs: a sub-interpreter that imports `threading` calls whoever
   * did that "MainThread", or knows nothing of it (threading.py, _MainThread).
   */
  of(interpreterId: number, pythonThreadId: string): string | undefined {
    const name = this.byInterpreter.get(0)?.get(pythonThreadId) ?? this.byInterpreter.get(interpreterId)?.get(pythonThreadId);
    if (name !== undefined) return name;
    for (const names of this.byInterpreter.values()) {
      const other = names.get(pythonThreadId);
      if (other !== undefined) return other;
    }
    return undefined;
  }
}
