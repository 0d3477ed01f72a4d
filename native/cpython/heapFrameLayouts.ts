import type { HeapFrameLayout, LineNumberEncoding } from './layout.ts';

/** What differs between the rows below; the rest follows from it. */
interface Row {
  readonly runtime?: HeapFrameLayout['runtime'];
  readonly interpreter: { readonly id: number; readonly modules: number; readonly gcCollecting: number };
  readonly threadState: HeapFrameLayout['threadState'];
  readonly frame: Pick<HeapFrameLayout['frame'], 'lastInstruction' | 'state' | 'stateStyle' | 'stackTop' | 'threadState'>;
  readonly code: HeapFrameLayout['code'];
}

type CodeOffsets = Omit<HeapFrameLayout['code'], 'size' | 'lineEncoding' | 'positionUnit' | 'instructionUnit'>;

const noRuntime = { interpretersHead: 0, gil: -1, gcCollecting: -1 };

function code(
  offsets: CodeOffsets,
  lineEncoding: LineNumberEncoding,
  instructionUnit: 1 | 2,
  positionUnit: 1 | 2 = 1,
): HeapFrameLayout['code'] {
  return { ...offsets, size: Math.max(...Object.values(offsets)) + 8, lineEncoding, instructionUnit, positionUnit };
}

const code27: CodeOffsets = {
  fileName: 80,
  name: 88,
  lineTable: 104,
  firstLine: 96,
  flags: 28,
  cellNames: 72,
  freeNames: 64,
  names: 48,
  localNames: 56,
  instructions: 32,
};
const code33: CodeOffsets = {
  fileName: 96,
  name: 104,
  lineTable: 120,
  firstLine: 112,
  flags: 32,
  cellNames: 80,
  freeNames: 72,
  names: 56,
  localNames: 64,
  instructions: 40,
};
const code36: CodeOffsets = {
  fileName: 96,
  name: 104,
  lineTable: 112,
  firstLine: 36,
  flags: 32,
  cellNames: 80,
  freeNames: 72,
  names: 56,
  localNames: 64,
  instructions: 40,
};
const code38: CodeOffsets = {
  fileName: 104,
  name: 112,
  lineTable: 120,
  firstLine: 40,
  flags: 36,
  cellNames: 88,
  freeNames: 80,
  names: 64,
  localNames: 72,
  instructions: 48,
};

const frame33 = { lastInstruction: 120, state: -1, stateStyle: 'none', stackTop: 72, threadState: 112 } as const;
const frame34 = { lastInstruction: 120, state: 132, stateStyle: 'executing', stackTop: -1, threadState: -1 } as const;
const frame37 = { lastInstruction: 104, state: 116, stateStyle: 'executing', stackTop: -1, threadState: -1 } as const;
const frame310 = { lastInstruction: 96, state: 108, stateStyle: 'state', stackTop: -1, threadState: -1 } as const;

const threadState27 = {
  next: 0,
  interpreter: 8,
  frame: 16,
  tracing: 28,
  threadId: 144,
  threadIdSize: 8,
  nativeThreadId: -1,
  hasMakersIds: true,
  id: -1,
};
const threadState33 = { ...threadState27, tracing: 32 };
const threadState34 = {
  next: 8,
  interpreter: 16,
  frame: 24,
  tracing: 40,
  threadId: 152,
  threadIdSize: 8,
  nativeThreadId: -1,
  hasMakersIds: true,
  id: -1,
};
const threadState38 = {
  next: 8,
  interpreter: 16,
  frame: 24,
  tracing: 44,
  threadId: 176,
  threadIdSize: 8,
  nativeThreadId: -1,
  hasMakersIds: true,
  id: 256,
};

const static33 = { runtime: noRuntime, interpreter: { id: -1, modules: 16, gcCollecting: -1 } };

/**
 * x86-64 Linux. 2.7 and 3.6–3.10: offsetof() over the headers of 2.7.18, 3.6.15, 3.7.16, 3.8.18, 3.9.18 and
 * 3.10.13, compared with DWARF, and run. 3.3–3.5: from their headers; never run, because no such
 * interpreter could be had. 2.7 and 3.3–3.6 have no `_PyRuntime`: what they have instead is a static
 * variable that holds the first interpreter.
 */
const rows: ReadonlyMap<string, Row> = new Map<string, Row>([
  ['2.7', { ...static33, threadState: threadState27, frame: frame33, code: code(code27, 'unsigned-deltas', 1) }],
  ['3.3', { ...static33, threadState: threadState33, frame: frame33, code: code(code33, 'unsigned-deltas', 1) }],
  ['3.4', { ...static33, threadState: threadState34, frame: frame34, code: code(code33, 'unsigned-deltas', 1) }],
  ['3.5', { ...static33, threadState: threadState34, frame: frame34, code: code(code33, 'unsigned-deltas', 1) }],
  ['3.6', { ...static33, threadState: threadState34, frame: frame34, code: code(code36, 'signed-deltas', 2) }],
  ['3.7', {
    runtime: { interpretersHead: 24, gil: 1264, gcCollecting: 632 },
    interpreter: { id: 16, modules: 40, gcCollecting: -1 },
    threadState: { ...threadState38, id: 272 },
    frame: frame37,
    code: code(code36, 'signed-deltas', 2),
  }],
  ['3.8', {
    runtime: { interpretersHead: 32, gil: 1152, gcCollecting: 544 },
    interpreter: { id: 16, modules: 56, gcCollecting: -1 },
    threadState: threadState38,
    frame: frame37,
    code: code(code38, 'signed-deltas', 2),
  }],
  ['3.9', {
    runtime: { interpretersHead: 32, gil: 352, gcCollecting: -1 },
    interpreter: { id: 24, modules: 856, gcCollecting: 816 },
    threadState: threadState38,
    frame: frame37,
    code: code(code38, 'signed-deltas', 2),
  }],
  ['3.10', {
    runtime: { interpretersHead: 32, gil: 352, gcCollecting: -1 },
    interpreter: { id: 24, modules: 856, gcCollecting: 816 },
    threadState: threadState38,
    frame: frame310,
    code: code(code38, 'ranges', 2, 2),
  }],
]); // prettier-ignore

/**
 * `_PyRuntime` of 3.7.0–3.7.3. PyGC_Head had 24 bytes then instead of 32 and no alignment to 16 (bpo-27987), which
 * makes the collector's state begin 8 bytes earlier and its `collecting` come 80 bytes earlier still, and what is behind it 88,
 * as py-spy has it for `gilstate`. Not run.
 */
const runtime370: HeapFrameLayout['runtime'] = { interpretersHead: 24, gil: 1264 - 88, gcCollecting: 632 - 88 };

/**
 * Layout of a version whose frames are objects on the heap, or undefined.
 * @param versionHex PY_VERSION_HEX of a final release
 * @param unicodeUnit 2.7: bytes of a Py_UNICODE
 */
export function heapFrameLayout(versionHex: number, unicodeUnit: 2 | 4 = 4): HeapFrameLayout | undefined {
  const major = versionHex >>> 24;
  const minor = (versionHex >>> 16) & 255;
  const row = rows.get(`${major}.${minor}`);
  if (row === undefined || (major !== 2 && major !== 3)) return undefined;
  const micro = (versionHex >>> 8) & 255;
  return {
    frames: 'heap',
    major,
    minor,
    runtime: major === 3 && minor === 7 && micro < 4 ? runtime370 : (row.runtime ?? noRuntime),
    interpreter: { next: 0, threadsHead: 8, gilPointer: -1, gil: -1, codeObjectGeneration: -1, ...row.interpreter },
    gil: { lastHolder: 8, locked: 16, switchNumber: 24 },
    threadState: row.threadState,
    frame: { ...row.frame, referenceCount: 0, back: 24, code: 32, line: row.frame.lastInstruction + 4 }, // int f_lasti, f_lineno
    code: row.code,
    object: { type: 8 },
    // 2.7: PyStringObject
    bytes: major === 2 ? { length: 16, data: 36 } : { length: 16, data: 32 },
    unicode:
      major === 2
        ? { length: 16, state: -1, asciiData: 36, compactData: -1, kindBit: -1, python2: { unitSize: unicodeUnit } }
        : { length: 16, state: 32, asciiData: 48, compactData: 72, kindBit: 2 },
  };
}
