import { pointerAt } from '../cpython/strings.ts';
import { complexText, floatText, quoted, quotedBytes } from './pythonText.ts';
import type { Scope } from './scope.ts';
import type { Instances } from './instances.ts';
import type { TypeFacts } from './typeBook.ts';
import { leftOut, unreadable } from './valueLimits.ts';

const maxDimensions = 64;
const maxItemSize = 1 << 16;
const maxMembers = 16;
/** First values of an array that are shown. */
const shownValues = 6;

/** NumPy's letters for types (NPY_TYPES in ndarraytypes.h): name, bytes. */
const letters: Readonly<Record<string, readonly [name: string, size: number]>> = {
  '?': ['bool', 1],
  'b': ['int8', 1],
  'B': ['uint8', 1],
  'h': ['int16', 2],
  'H': ['uint16', 2],
  'i': ['int32', 4],
  'I': ['uint32', 4],
  'l': ['int64', 8],
  'L': ['uint64', 8],
  'q': ['int64', 8],
  'Q': ['uint64', 8],
  'e': ['float16', 2],
  'f': ['float32', 4],
  'd': ['float64', 8],
  'g': ['float128', 16],
  'F': ['complex64', 8],
  'D': ['complex128', 16],
  'G': ['complex256', 32],
  'O': ['object', 8],
  'M': ['datetime64', 8],
  'm': ['timedelta64', 8],
  'S': ['bytes', 0],
  'U': ['str', 0],
  'V': ['void', 0],
};

/** Scalars by the last part of their types' names: their letter. */
const scalars: Readonly<Record<string, string>> = {
  bool: '?',
  bool_: '?',
  int8: 'b',
  uint8: 'B',
  int16: 'h',
  uint16: 'H',
  int32: 'i',
  uint32: 'I',
  int64: 'l',
  uint64: 'L',
  longlong: 'q',
  ulonglong: 'Q',
  float16: 'e',
  float32: 'f',
  float64: 'd',
  complex64: 'F',
  complex128: 'D',
};

/** Shape and type of an array, as far as they make sense. */
export interface ArrayFacts {
  readonly data: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly letter: string;
  readonly itemSize: number;
  readonly swapped: boolean;
}

/**
 * `PyArrayObject_fields` (ndarraytypes.h): data, nd, dimensions, strides, base, descr. `_PyArray_Descr`: typeobj, kind, type,
 * byteorder; then NumPy 1 has int type_num, int elsize, NumPy 2 npy_uint64 flags, npy_intp elsize.
 */
function arrayFacts(scope: Scope, address: number): ArrayFacts | null {
  const header = scope.bytes(address + scope.head, 48);
  if (header === null) return null;
  const dimensions = header.readInt32LE(8);
  if (dimensions < 0 || dimensions > maxDimensions) return null;
  const shape = scope.pointers(pointerAt(header, 16), dimensions);
  const strides = scope.bytes(pointerAt(header, 24), 8 * dimensions);
  const description = scope.bytes(pointerAt(header, 40) + scope.head, 32);
  if (shape === null || strides === null || description === null) return null;
  const letter = String.fromCharCode(description[9]!);
  const known = letters[letter];
  if (known === undefined) return null;
  // NumPy 2: what is at 12 is type_num, and 16 a word of flags, whose upper half is none of 1's alignment.
  const early = description.readInt32LE(16);
  const late = pointerAt(description, 24);
  const elementSize = description.readInt32LE(20) > 0 && early >= 0 ? early : late;
  return {
    data: pointerAt(header, 0),
    shape,
    strides: shape.map((_, i) => Number(strides.readBigInt64LE(8 * i))),
    letter,
    itemSize: known[1] || elementSize,
    swapped: description[10] === 0x3e, // '>'
  };
}

/** `numpy.ndarray`: shape, type and first values. */
export function arrayAt(scope: Scope, address: number, type: TypeFacts): string {
  return scope.steady(
    () => arrayFacts(scope, address),
    (facts) => {
      const { shape, letter, itemSize } = facts;
      const size = shape.reduce((product, one) => product * one, 1);
      const values: string[] = [];
      for (let i = 0; i < Math.min(size, shownValues); i++) values.push(element(scope, facts, i));
      if (size > shownValues) values.push(leftOut);
      return `${type.shortName}(shape=${shapeText(shape)}, dtype=${typeText(letter, itemSize)}, [${values.join(', ')}])`;
    },
  );
}

function shapeText(shape: readonly number[]): string {
  return `(${shape.join(', ')}${shape.length === 1 ? ',' : ''})`;
}

/** A NumPy scalar (`PyDoubleScalarObject` …, arrayscalars.h: the value behind PyObject); null when it is none we know. */
export function scalarAt(scope: Scope, address: number, type: TypeFacts): string | null {
  const name = type.name.slice('numpy.'.length);
  const letter = scalars[name];
  if (letter === undefined) return null;
  const bytes = scope.bytes(address + scope.head, letters[letter]![1]);
  return `${name}(${bytes === null ? unreadable : valueText(scope, letter, bytes)})`;
}

/** `pandas.DataFrame` and `Series`: their shapes; null when they can't be made out. */
export function frameAt(scope: Scope, address: number, type: TypeFacts, instances: Instances): string | null {
  const manager = instances.attribute(address, type, '_mgr');
  const managerType = scope.types.of(manager);
  if (managerType === null) return null;
  // BlockManager (pandas/_libs/internals.pyx): a C class whose members follow PyObject and a table of methods, or an attribute.
  let axes = instances.attribute(manager, managerType, 'axes');
  for (const candidate of axes === 0 ? wordsOf(scope, manager, managerType) : []) {
    if (scope.types.of(candidate)?.name !== 'list') continue;
    const items = listItems(scope, candidate);
    if (items?.every((item) => indexLength(scope, item, instances) !== null) === true && items.length > 0) axes = candidate;
  }
  const lengths = listItems(scope, axes)?.map((item) => indexLength(scope, item, instances));
  if (lengths === undefined || lengths.length === 0 || lengths.some((length) => length === null)) return null;
  return `${type.shortName}(shape=${shapeText(lengths.filter((length) => length !== null).reverse())})`;
}

/** The first words that an object of a C class has of its own. */
function wordsOf(scope: Scope, address: number, type: TypeFacts): number[] {
  return scope.pointers(address + scope.head, Math.max(0, Math.min(maxMembers, Math.floor((type.basicSize - scope.head) / 8)))) ?? [];
}

function listItems(scope: Scope, list: number): number[] | null {
  const size = list === 0 ? -1 : scope.size(list + scope.head);
  return size < 0 || size > 2 ? null : scope.pointers(scope.pointer(list + scope.head + 8), size);
}

/** Length of a `pandas.Index`: of the array it wraps, or of its range. */
function indexLength(scope: Scope, index: number, instances: Instances): number | null {
  const type = scope.types.of(index);
  if (type === null || type.isStatic) return null;
  const range = instances.attribute(index, type, '_range');
  if (range !== 0 && scope.types.of(range)?.name === 'range') {
    // rangeobject: start, stop, step, length
    const length = scope.pointer(range + scope.head + 24);
    const text = length === 0 ? '' : scope.show(length);
    return /^\d+$/.test(text) ? Number(text) : null;
  }
  let data = instances.attribute(index, type, '_data');
  for (let depth = 0; depth < 4; depth++) {
    const dataType = scope.types.of(data);
    if (dataType === null) return null;
    if (dataType.name === 'numpy.ndarray') return arrayFacts(scope, data)?.shape[0] ?? null;
    // NDArrayBacked (pandas/_libs/arrays.pyx) has its array as a C member, without a name.
    const member = wordsOf(scope, data, dataType).find((word) => scope.types.of(word)?.name === 'numpy.ndarray');
    data = member ?? (instances.attribute(data, dataType, '_ndarray') || instances.attribute(data, dataType, '_data'));
  }
  return null;
}

function typeText(letter: string, itemSize: number): string {
  if (letter === 'U') return `<U${itemSize / 4}`;
  if (letter === 'S' || letter === 'V') return `${letter}${itemSize}`;
  return letters[letter]![0];
}

function element(scope: Scope, facts: ArrayFacts, index: number): string {
  const { shape, strides, letter, itemSize } = facts;
  let at = facts.data;
  let rest = index;
  for (let i = shape.length - 1; i >= 0; i--) {
    at += (rest % shape[i]!) * strides[i]!;
    rest = Math.floor(rest / shape[i]!);
  }
  if (itemSize <= 0 || itemSize > maxItemSize) return unreadable;
  const bytes = scope.bytes(at, Math.min(itemSize, 4 * scope.limits.text));
  if (bytes === null) return unreadable;
  if (facts.swapped) bytes.reverse();
  return valueText(scope, letter, bytes);
}

function valueText(scope: Scope, letter: string, bytes: Buffer): string {
  switch (letter) {
    case '?':
      return bytes[0] === 0 ? 'False' : 'True';
    case 'b':
    case 'h':
    case 'i':
      return bytes.readIntLE(0, bytes.length).toString();
    case 'B':
    case 'H':
    case 'I':
      return bytes.readUIntLE(0, bytes.length).toString();
    case 'l':
    case 'q':
    case 'M':
    case 'm':
      return bytes.readBigInt64LE(0).toString();
    case 'L':
    case 'Q':
      return bytes.readBigUInt64LE(0).toString();
    case 'e':
      return shortest(half(bytes.readUInt16LE(0)), (value) => half(halfBits(value)), 5);
    case 'f':
      return shortest(bytes.readFloatLE(0), Math.fround, 9);
    case 'd':
      return floatText(bytes.readDoubleLE(0));
    case 'F':
      return complexText(Number(short(bytes.readFloatLE(0))), Number(short(bytes.readFloatLE(4))));
    case 'D':
      return complexText(bytes.readDoubleLE(0), bytes.readDoubleLE(8));
    case 'O':
      return scope.show(pointerAt(bytes, 0));
    case 'U': {
      let text = '';
      for (let at = 0; at + 4 <= bytes.length; at += 4) {
        const point = bytes.readUInt32LE(at);
        if (point > 0x10ffff) return unreadable;
        if (point !== 0) text += String.fromCodePoint(point);
      }
      return quoted(text);
    }
    case 'S':
      return `b${quotedBytes(bytes.subarray(0, bytes.indexOf(0) < 0 ? bytes.length : bytes.indexOf(0)))}`;
    default:
      return leftOut;
  }
}

function short(value: number): string {
  return shortest(value, Math.fround, 9);
}

/** The shortest digits that give the same value again in fewer bits. */
function shortest(value: number, rounded: (value: number) => number, most: number): string {
  if (!Number.isFinite(value)) return floatText(value);
  for (let digits = 1; digits < most; digits++) {
    const text = Number(value.toPrecision(digits));
    if (rounded(text) === value) return floatText(text);
  }
  return floatText(Number(value.toPrecision(most)));
}

/** IEEE 754 binary16. */
function half(bits: number): number {
  const sign = (bits & 0x8000) !== 0 ? -1 : 1;
  const exponent = (bits >>> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}

/** The nearest binary16's bits of a number that lies in its range. */
function halfBits(value: number): number {
  const size = Math.abs(value);
  const sign = value < 0 ? 0x8000 : 0;
  if (size < 2 ** -14) return sign | Math.round(size * 2 ** 24);
  const exponent = Math.floor(Math.log2(size));
  return (sign | ((exponent + 15) << 10)) + Math.round((size / 2 ** exponent - 1) * 1024);
}
