import { lockFacts, lockTypes } from '../values/locks.ts';
import { hexadecimal } from '../values/scope.ts';
import type { ValueReader } from '../values/valueReader.ts';
import type { WaitRecord } from './dumpSnapshot.ts';
import type { FoundFrame } from './frameReader.ts';
import type { LocalsReader } from './localsReader.ts';

/** What the frames of a waiting thread say of what it waits for. */
export class Waits {
  private readonly values: ValueReader;
  private readonly locals: LocalsReader;
  private readonly indexOf: (pythonThreadId: string) => number;

  /** @param indexOf of a thread, by `threading.get_ident()`; −1: there is none */
  constructor(values: ValueReader, locals: LocalsReader, indexOf: (pythonThreadId: string) => number) {
    this.values = values;
    this.locals = locals;
    this.indexOf = indexOf;
  }

  /**
   * @param frames of the thread, innermost first
   * @param self `threading.get_ident()` of it
   * @returns null when they say nothing
   */
  of(frames: readonly FoundFrame[], self: string): WaitRecord | null {
    const [inner] = frames;
    if (inner === undefined) return null;
    return this.inThreading(frames) ?? this.forLock(inner, self);
  }

  /** Waits inside of `threading` (Lib/threading.py) say by their `self` what for. */
  private inThreading(frames: readonly FoundFrame[]): WaitRecord | null {
    let found: WaitRecord | null = null;
    // An Event waits by a Condition: the outermost of them says most.
    for (const frame of frames.slice(0, 4)) {
      const { file, function: name } = frame.record;
      if (!/(^|\/)threading\.py$/.test(file)) break;
      const self = this.locals.addresses(frame).get('self') ?? 0;
      const type = this.values.scope.types.of(self);
      if (type === null) continue;
      const method = name.slice(name.lastIndexOf('.') + 1);
      if (method === 'join' || method === '_wait_for_tstate_lock') {
        const identity =
          this.values.instances.attribute(self, type, '_ident') || this.values.instances.attribute(self, type, '_Thread__ident');
        const owner = identity === 0 ? -1 : this.indexOf(this.values.show(identity).replace(/L$/, ''));
        found = {
          what: `the end of ${type.shortName} ${hexadecimal(self)}`,
          owner: owner < 0 ? null : owner,
          why: owner < 0 ? 'that thread has ended, or has not begun' : null,
        };
      } else if (/^_?RLock$/.test(type.shortName)) {
        // 2.7 has it in Python.
        const owner = this.values.instances.attribute(self, type, '_RLock__owner') || this.values.instances.attribute(self, type, '_owner');
        const index = owner === 0 ? -1 : this.indexOf(this.values.show(owner).replace(/L$/, ''));
        found = {
          what: `RLock ${hexadecimal(self)}`,
          owner: index < 0 ? null : index,
          why: index < 0 ? 'its holder is not known' : null,
        };
      } else if (method === 'wait' || method === 'acquire') {
        const name = type.shortName.replace(/^_/, ''); // of 2.7's classes
        found = { what: `${name} ${hexadecimal(self)}`, owner: null, why: `it is not known who will ${verbs[name] ?? 'notify it'}` };
      }
    }
    return found;
  }

  /** A call of a lock of C: it, or its method, is on the value stack. */
  private forLock(frame: FoundFrame, self: string): WaitRecord | null {
    const { scope } = this.values;
    for (const value of [...this.locals.stackValues(frame)].reverse()) {
      let object = value;
      if (scope.types.of(object)?.name === 'builtin_function_or_method') object = scope.pointer(object + scope.head + 8); // m_self
      const kind = lockTypes.get(scope.types.of(object)?.name ?? '');
      const facts = kind === undefined ? null : lockFacts(scope, object, kind);
      if (facts?.locked !== true || facts.owner === self) continue;
      const owner = facts.owner === null ? -1 : this.indexOf(facts.owner);
      return {
        what: `${facts.kind === 'lock' ? 'Lock' : 'RLock'} ${hexadecimal(object)}`,
        owner: owner < 0 ? null : owner,
        why: owner >= 0 ? null : facts.owner === null ? 'a Lock does not know who holds it' : `its holder, thread ${facts.owner}, is gone`,
      };
    }
    return null;
  }
}

/** What ends a wait for an object of `threading`. */
const verbs: Readonly<Record<string, string>> = {
  Event: 'set it',
  Semaphore: 'release it',
  BoundedSemaphore: 'release it',
  Barrier: 'reach it',
};
