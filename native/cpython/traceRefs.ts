import type { Memory } from '../memory/memory.ts';
import type { DataStackLayout, HeapFrameLayout, Layout } from './layout.ts';
import { readPointer } from './strings.ts';

/**
 * Bytes that builds with `--with-trace-refs` have in front of each object, to 3.12: `_ob_next` and `_ob_prev`
 * (`_PyObject_HEAD_EXTRA`, Include/object.h). From 3.13 on the interpreter keeps a table of its objects instead. To 3.7 all debug
 * builds are such. Nothing else moves: offsetof() over the headers of 3.8.18, 3.9.18, 3.10.13, 3.11.7 and 3.12.1 with and without
 * Py_TRACE_REFS. 3.11.2 was built and run.
 */
const extraHead = 16;

/**
 * Whether a build has them: then a static object has its type so much farther behind.
 * @param codeType, typeType addresses of `PyCode_Type` and of its type, `PyType_Type`; 0: not known
 */
export function tracesReferences(memory: Memory, layout: Layout, codeType: number, typeType: number): boolean {
  if (codeType === 0 || typeType === 0) return false;
  const { type } = layout.object;
  return readPointer(memory, codeType + type) !== typeType && readPointer(memory, codeType + type + extraHead) === typeType;
}

/** The layout of a build that has them: all that lies in objects lies farther behind. */
export function withTraceRefs(layout: Layout): Layout {
  const { object, bytes, unicode } = layout;
  const common = { object: shifted(object), bytes: shifted(bytes), unicode: { ...shifted(unicode), kindBit: unicode.kindBit } };
  return layout.frames === 'data-stack'
    ? { ...layout, ...common, ...dataStackParts(layout) }
    : { ...layout, ...common, ...heapParts(layout) };
}

function dataStackParts({
  code,
  tuple,
  generator,
  frameObject,
}: DataStackLayout): Pick<DataStackLayout, 'code' | 'tuple' | 'generator' | 'frameObject'> {
  return { code: shifted(code), tuple: shifted(tuple), generator: shifted(generator), frameObject: shifted(frameObject) };
}

function heapParts({ frame, code }: HeapFrameLayout): Pick<HeapFrameLayout, 'frame' | 'code'> {
  const { lineEncoding, positionUnit, instructionUnit } = code;
  return { frame: shifted(frame), code: { ...shifted(code), lineEncoding, positionUnit, instructionUnit } };
}

/** All offsets of a structure, but for members that the version does not have. */
function shifted<T extends object>(offsets: T): T {
  return Object.fromEntries(
    Object.entries(offsets).map(([name, offset]: [string, unknown]) => [
      name,
      typeof offset === 'number' && offset >= 0 ? offset + extraHead : offset,
    ]),
  ) as T;
}
