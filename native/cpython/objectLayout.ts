import type { Layout } from './layout.ts';

/**
 * Where things are in built-in objects: ints, dicts, instances, modules. These structures are not
 * all in `_Py_DebugOffsets`, so the numbers are ours: offsetof() over the headers of 2.7.18, 3.6.15, 3.7.16, 3.8.18,
 * 3.9.18, 3.10.13, 3.11.7, 3.12.1, 3.13.0, 3.14.10 and 3.15.2, from 3.13 on with and without Py_GIL_DISABLED. Those of
 * 3.3–3.5 are from the headers and were never run.
 */
export interface ObjectLayout {
  readonly string: Pick<Layout, 'minor' | 'object' | 'unicode'>;
  /** `ob_type` */
  readonly type: number;
  /**
   * `struct _longobject` (pycore_long.h): to 3.11 a signed digit count where 3.12+ has count × 8 + sign. 2.7 has
   * `PyIntObject` besides, whose value is a C long.
   */
  readonly int: { readonly sizeOrTag: number; readonly digits: number; readonly isTagged: boolean; readonly plainValue?: number };
  /** `PyDictObject`; `values` is −1 in 2.7. */
  readonly dict: { readonly keys: number; readonly values: number };
  readonly keys: KeysLayout;
  /** `struct _dictvalues`: from its start to the values. */
  readonly values: number;
  readonly typeObject: { readonly basicSize: number; readonly flags: number; readonly dictOffset: number; readonly cachedKeys: number };
  readonly instance: InstanceLayout;
  /** `PyModuleObject.md_dict` (pycore_moduleobject.h) */
  readonly moduleDict: number;
}

/**
 * How a dict keeps its entries:
 * - log2: `struct _dictkeysobject` of 3.11+ (pycore_dict.h), whose kind says how large its entries are
 * - sized: the same of 3.6–3.10 (Objects/dict-common.h): the width of an index follows from the size
 * - slots: the same of 3.3–3.5, entries by hash
 * - mask: 2.7, entries by hash; how many is in the dict itself
 */
export type KeysLayout =
  | {
      readonly style: 'log2';
      readonly log2Size: number;
      readonly log2IndexBytes: number;
      readonly kind: number;
      readonly entryCount: number;
      readonly indices: number;
    }
  | { readonly style: 'sized'; readonly size: number; readonly entryCount: number; readonly indices: number }
  | { readonly style: 'slots'; readonly size: number; readonly entries: number }
  | { readonly style: 'mask'; readonly mask: number };

/**
 * How instances of classes keep their attributes (pycore_object.h), besides in a plain dict (the only way to 3.10):
 * - pointers: a pointer to values at `values` and one to a dict at `dict` (3.11)
 * - tagged: one word at `dict`, odd for values (address + 1), even for a dict (3.12)
 * - inline: a pointer to a dict at `dict`, and values behind the object as long as that is null (3.13+)
 */
export interface InstanceLayout {
  readonly style: 'dict' | 'pointers' | 'tagged' | 'inline';
  /** From the object, negative: before it. */
  readonly dict: number;
  readonly values: number;
}

/** `PyHeapTypeObject.ht_cached_keys` of GIL builds. */
const cachedKeys: Readonly<Record<number, number>> = { 11: 872, 12: 880, 13: 880, 14: 880, 15: 888 };

/** @returns null for a version whose objects we have no numbers for. */
export function objectLayout(layout: Pick<Layout, 'minor' | 'object' | 'unicode'>): ObjectLayout | null {
  const { minor } = layout;
  if (layout.unicode.python2 !== undefined || minor < 11) return plainObjectLayout(layout);
  const keysOfType = cachedKeys[minor];
  if (keysOfType === undefined) return null;
  // A free-threaded build's PyObject is 32 bytes instead of 16, and so is that of one that traces references (traceRefs.ts),
  // which moves everything behind it.
  const more = layout.object.type - 8;
  return {
    string: layout,
    type: layout.object.type,
    int: { sizeOrTag: 16 + more, digits: 24 + more, isTagged: minor >= 12 },
    dict: { keys: 32 + more, values: 40 + more },
    keys: { style: 'log2', log2Size: 8, log2IndexBytes: 9, kind: 10, entryCount: 24, indices: 32 },
    values: minor >= 13 ? 8 : 0,
    typeObject: { basicSize: 32 + more, flags: 168 + more, dictOffset: 288 + more, cachedKeys: keysOfType + more },
    instance: instanceLayout(minor, more > 0),
    moduleDict: 16 + more,
  };
}

/** To 3.10. */
function plainObjectLayout(layout: Pick<Layout, 'minor' | 'object' | 'unicode'>): ObjectLayout {
  const isPython2 = layout.unicode.python2 !== undefined;
  // Of builds with more in front of each object (traceRefs.ts).
  const more = layout.object.type - 8;
  return {
    string: layout,
    type: 8 + more,
    int: { sizeOrTag: 16 + more, digits: 24 + more, isTagged: false, ...(isPython2 ? { plainValue: 16 } : {}) },
    dict: isPython2 ? { keys: 40, values: -1 } : { keys: 32 + more, values: 40 + more },
    keys: isPython2
      ? { style: 'mask', mask: 32 }
      : layout.minor < 6
        ? { style: 'slots', size: 8, entries: 32 }
        : { style: 'sized', size: 8, entryCount: 32, indices: 40 },
    values: 0,
    typeObject: { basicSize: 32 + more, flags: 168 + more, dictOffset: 288 + more, cachedKeys: -1 },
    instance: { style: 'dict', dict: 0, values: 0 },
    moduleDict: 16 + more,
  };
}

function instanceLayout(minor: number, freeThreaded: boolean): InstanceLayout {
  if (minor === 11) return { style: 'pointers', dict: -24, values: -32 };
  if (minor === 12) return { style: 'tagged', dict: -24, values: -24 };
  return { style: 'inline', dict: freeThreaded ? -8 : -24, values: 0 };
}
