import { dictHead } from '../cpython/objects.ts';
import { pointerAt } from '../cpython/strings.ts';
import type { Scope } from './scope.ts';
import { bytesAt } from './texts.ts';
import type { TypeFacts } from './typeBook.ts';
import { unreadable } from './valueLimits.ts';

/** Slots of a set's table looked at together, and at most. */
const setBatch = 512;
const maxSetSlots = 1 << 16;
/** What is in the place of keys that were removed, in 2.7. */
const removed = "'<dummy key>'";
/** Pointers in a block of a deque: 62 in 2.7 (Modules/_collectionsmodule.c). */
const blockLength = { now: 64, python2: 62 };

/** `PyListObject`: ob_size, ob_item (Include/cpython/listobject.h). */
export function listAt(scope: Scope, address: number): string {
  const start = address + scope.head;
  return scope.inside(address, '[...]', '[…]', () =>
    scope.steady(
      () => {
        const size = scope.size(start);
        const items = size < 0 ? null : scope.pointers(scope.pointer(start + 8), Math.min(size, scope.limits.items));
        return items && { items, size };
      },
      ({ items, size }) => `[${scope.list(items, size, scope.show)}]`,
    ),
  );
}

/** A tuple does not change. */
export function tupleAt(scope: Scope, address: number): string {
  return scope.inside(address, '(...)', '(…)', () => {
    const head = scope.tupleHead(address);
    if (head === null) return unreadable;
    return `(${scope.list(head.items, head.size, scope.show)}${head.size === 1 ? ',' : ''})`;
  });
}

export function dictAt(scope: Scope, address: number): string {
  return scope.inside(address, '{...}', '{…}', () =>
    scope.steady(
      () => dictHead(scope.memory, address, scope.limits.items, scope.objects),
      ({ items, size }) => `{${scope.list(items, size, ({ key, value }) => `${scope.show(key)}: ${scope.show(value)}`)}}`,
    ),
  );
}

/**
 * A set's items in the order of its table.
 * @param name of its type
 */
export function setAt(scope: Scope, address: number, name: string): string {
  const isShown = name === 'set' && scope.layout.major === 3;
  return scope.inside(address, `${name}(...)`, `${name}(…)`, () =>
    scope.steady(
      () => setHead(scope, address),
      ({ items, size }) => {
        const text = scope.list(items, size, scope.show);
        if (text === '' && scope.layout.major === 3) return `${name}()`;
        if (isShown) return `{${text}}`;
        return scope.layout.major === 2 ? `${name}([${text}])` : `${name}({${text}})`;
      },
    ),
  );
}

/**
 * `PySetObject`: fill, used, mask, table; `setentry`: key, hash (2.7: hash, key), where −1 is the hash of what was removed (2.7: the key
 * is `removed`).
 */
function setHead(scope: Scope, address: number): { readonly items: readonly number[]; readonly size: number } | null {
  const header = scope.bytes(address + scope.head, 32);
  if (header === null) return null;
  const size = pointerAt(header, 8);
  const slots = pointerAt(header, 16) + 1;
  const table = pointerAt(header, 24);
  if (size > slots || table === 0 || !Number.isInteger(Math.log2(slots))) return null;
  const wanted = Math.min(size, scope.limits.items);
  const isRemoved = (key: number, hash: bigint): boolean => (scope.layout.major === 2 ? bytesAt(scope, key, '') === removed : hash === -1n);
  const [keyAt, hashAt] = scope.layout.major === 2 ? [8, 0] : [0, 8];
  const items: number[] = [];
  for (let first = 0; first < Math.min(slots, maxSetSlots) && items.length < wanted; first += setBatch) {
    const bytes = scope.bytes(table + 16 * first, 16 * Math.min(setBatch, slots - first));
    if (bytes === null) return null;
    for (let at = 0; at < bytes.length && items.length < wanted; at += 16) {
      const key = pointerAt(bytes, at + keyAt);
      if (key !== 0 && !isRemoved(key, bytes.readBigInt64LE(at + hashAt))) items.push(key);
    }
  }
  return { items, size };
}

/**
 * `dequeobject` (Modules/_collectionsmodule.c): ob_size, leftblock, rightblock, leftindex, rightindex, state, maxlen; a block is
 * a link, data and another link. 2.7: leftblock, rightblock, leftindex, rightindex, len, state, maxlen; a block has both links behind
 * its data, the right one first.
 */
export function dequeAt(scope: Scope, address: number, type: TypeFacts): string {
  const isPython2 = scope.layout.major === 2;
  const length = isPython2 ? blockLength.python2 : blockLength.now;
  const at = isPython2
    ? { size: 32, block: 0, index: 16, most: 48, data: 0, next: 8 * length }
    : { size: 0, block: 8, index: 24, most: 48, data: 8, next: 8 + 8 * length };
  const look = (): { readonly items: readonly number[]; readonly size: number; readonly most: string } | null => {
    const header = scope.bytes(address + scope.head, 56);
    if (header === null) return null;
    const size = pointerAt(header, at.size);
    const index = pointerAt(header, at.index);
    const wanted = Math.min(size, scope.limits.items);
    const items: number[] = [];
    let block = pointerAt(header, at.block);
    for (let first = index; items.length < wanted; first = 0) {
      if (first > length) return null;
      const found = scope.pointers(block + at.data + 8 * first, Math.min(length - first, wanted - items.length));
      if (found === null) return null;
      items.push(...found);
      block = scope.pointer(block + at.next);
    }
    return { items, size, most: header.readBigInt64LE(at.most).toString() };
  };
  const name = type.shortName;
  return scope.inside(address, '[...]', `${name}([…])`, () =>
    scope.steady(look, ({ items, size, most }) => {
      const text = `[${scope.list(items, size, scope.show)}]`;
      return most.startsWith('-') ? `${name}(${text})` : `${name}(${text}, maxlen=${most})`;
    }),
  );
}
