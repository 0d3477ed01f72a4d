import { hexadecimal, type Scope } from './scope.ts';
import { unreadable } from './valueLimits.ts';

/** State of a lock. */
export interface LockFacts {
  /** Null: it is not known. */
  readonly locked: boolean | null;
  /** `threading.get_ident()` of the thread that holds an RLock; null: a plain lock does not know, or nobody does. */
  readonly owner: string | null;
  /** How many times its owner has it. */
  readonly count: number;
  readonly kind: 'lock' | 'RLock';
}

/** Types of locks by `tp_name`. */
export const lockTypes: ReadonlyMap<string, LockFacts['kind']> = new Map([
  ['_thread.lock', 'lock'],
  ['thread.lock', 'lock'],
  ['_thread.RLock', 'RLock'],
]);

/**
 * Modules/_threadmodule.c. `lockobject`: to 3.13 lock_lock, in_weakreflist, char locked; from 3.14 on, and in free-threaded 3.13, nothing
 * but a PyMutex, whose lowest bit says that it is locked. `rlockobject`: to 3.13 rlock_lock, rlock_owner, rlock_count; then `_PyRecursiveMutex`: mutex, thread, level, which
 * is one less (pycore_lock.h). 2.7's lockobject has nothing but lock_lock: a semaphore, which is 0 while the lock is held (Python/thread_pthread.h).
 */
export function lockFacts(scope: Scope, address: number, kind: LockFacts['kind']): LockFacts | null {
  const { major, minor } = scope.layout;
  const bytes = scope.bytes(address + scope.head, 24);
  if (bytes === null) return null;
  const hasMutex = major === 3 && minor >= 14;
  if (kind === 'lock') {
    const isMutex = scope.types.of(address)?.basicSize === scope.head + 8;
    const locked = major === 2 ? isHeld(scope, bytes) : isMutex ? (bytes[0]! & 1) === 1 : bytes[16] !== 0;
    return { kind, locked, owner: null, count: locked === true ? 1 : 0 };
  }
  const owner = bytes.readBigUInt64LE(8);
  const number = Number(bytes.readBigUInt64LE(16));
  const count = owner === 0n ? 0 : hasMutex ? number + 1 : number;
  return { kind, locked: count > 0, owner: count > 0 ? owner.toString() : null, count };
}

/** A `sem_t` begins with its value: 32 bits of glibc's, 31 of musl's. */
function isHeld(scope: Scope, lock: Buffer): boolean | null {
  const semaphore = scope.bytes(Number(lock.readBigUInt64LE(0)), 4);
  const value = semaphore === null ? -1 : semaphore.readUInt32LE(0) & 0x7fff_ffff;
  return value === 0 ? true : value === 1 ? false : null;
}

/** As its `repr` has it. */
export function lockAt(scope: Scope, address: number, kind: LockFacts['kind']): string {
  const facts = lockFacts(scope, address, kind);
  if (facts === null) return unreadable;
  const { locked, owner, count } = facts;
  const state = locked === null ? '' : locked ? 'locked ' : 'unlocked ';
  return `<${state}_thread.${kind}${kind === 'RLock' ? ` owner=${owner ?? 0} count=${count}` : ''} at ${hexadecimal(address)}>`;
}
