import { misfit } from './debugOffsetsFit.ts';
import { debugOffsetsSchema } from './debugOffsetsSchema.ts';
import { isPreRelease, versionText } from './version.ts';

/** `_Py_Debug_Cookie`, the first eight bytes of `_PyRuntime` since 3.13 (pycore_debug_offsets.h). */
const cookie = 'xdebugpy';
const headerLength = 24;

/** Bytes to read at `_PyRuntime`: the longest table we know (3.15: 888 bytes). */
export const debugOffsetsLength = 888;

/** The table a 3.13+ interpreter publishes about its own layout. */
export interface DebugOffsets {
  /** `PY_VERSION_HEX` */
  readonly version: number;
  readonly freeThreaded: boolean;
  /** Keys are `structure.member`; values byte offsets inside the structure, or its size. */
  readonly fields: ReadonlyMap<string, number>;
}

/** The table is there but must not be used; the message says why, for the user. */
export class DebugOffsetsError extends Error {
  override name = 'DebugOffsetsError';
}

/** True when the bytes at `_PyRuntime` start with the cookie of a debug-offsets table. */
export function hasDebugOffsets(bytes: Uint8Array): boolean {
  if (bytes.length < headerLength) return false;
  for (let i = 0; i < cookie.length; i++) if (bytes[i] !== cookie.charCodeAt(i)) return false;
  return true;
}

/** The newest version whose table is known. */
const newestMinor = Math.max(...debugOffsetsSchema.keys());

/**
 * Parses and validates the table. The table does not say which fields it has: that of a pre-release is read as the
 * final release's and that of a newer version than we know as the newest one's, and taken only if it then
 * makes sense throughout.
 * @param bytes `debugOffsetsLength` bytes at `_PyRuntime` (fewer only at the end of a mapping)
 * @throws DebugOffsetsError for a version whose table we don't know, or one that contradicts itself
 */
export function parseDebugOffsets(bytes: Uint8Array): DebugOffsets {
  if (!hasDebugOffsets(bytes)) throw new DebugOffsetsError('the table of debug offsets has no cookie');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = smallUint64(view, 8);
  const minor = (version >>> 16) & 255;
  const schema = version >>> 24 === 3 ? debugOffsetsSchema.get(Math.min(minor, newestMinor)) : undefined;
  if (schema === undefined) throw new DebugOffsetsError(`no schema is known for the debug offsets of Python ${versionText(version)}`);
  const isNewer = minor > newestMinor;
  try {
    const freeThreaded = smallUint64(view, 16);
    if (freeThreaded > 1) throw new DebugOffsetsError(`free_threaded is ${freeThreaded}`);
    const offsets: DebugOffsets = { version, freeThreaded: freeThreaded === 1, fields: readFields(view, schema) };
    validate(offsets, schema);
    validateThreading(offsets);
    // Fields come and go even between betas: 3.15.0b4 inserted last_profiled_frame_seq.
    const problem = isNewer || isPreRelease(version) ? misfit(offsets.fields, offsets.freeThreaded) : null;
    if (problem !== null) throw new DebugOffsetsError(problem);
    return offsets;
  } catch (error) {
    if (!(error instanceof DebugOffsetsError)) throw error;
    const text = versionText(version);
    if (isNewer)
      throw new DebugOffsetsError(
        `Python ${text} is newer than this Heatline, and its memory is laid out otherwise than 3.${newestMinor}’s (${error.message})`,
      );
    if (isPreRelease(version))
      throw new DebugOffsetsError(
        `Python ${text} is a pre-release, and its memory is laid out otherwise than the final release’s (${error.message})`,
      );
    throw error;
  }
}

function readFields(view: DataView, schema: readonly (readonly [string, string])[]): Map<string, number> {
  const fields = new Map<string, number>();
  let position = headerLength;
  for (const [structure, members] of schema) {
    for (const member of members.split(' ')) {
      if (position + 8 > view.byteLength) throw new DebugOffsetsError('the table of debug offsets is cut off');
      fields.set(`${structure}.${member}`, smallUint64(view, position));
      position += 8;
    }
  }
  return fields;
}

/** Structures bigger than this are nonsense; PyInterpreterState of 3.15t has 250 328 bytes. */
const maximumSize = 1 << 22;

/**
 * The checks of CPython's own reader (Modules/_remote_debugging/debug_offsets_validation.h): every
 * structure has a size, every member lies inside it and is aligned to at least its type.
 */
function validate(offsets: DebugOffsets, schema: readonly (readonly [string, string])[]): void {
  for (const [structure, members] of schema) {
    const size = offsets.fields.get(`${structure}.size`);
    for (const member of members.split(' ')) {
      const value = offsets.fields.get(`${structure}.${member}`) ?? -1;
      if (member === 'size' || member.endsWith('_size')) {
        if (value <= 0 || value > maximumSize) throw new DebugOffsetsError(`${structure}.${member} is ${value}`);
      } else if (size !== undefined && (value < 0 || value >= size) && structure !== 'debugger_support') {
        throw new DebugOffsetsError(`${structure}.${member} lies at ${value}, outside its ${size} bytes`);
      }
      if (value % requiredAlignment(`${structure}.${member}`) !== 0) {
        throw new DebugOffsetsError(`${structure}.${member} is not aligned: ${value}`);
      }
    }
  }
}

/** What only free-threaded builds have (pycore_debug_offsets.h): in others these fields are 0. */
function validateThreading({ freeThreaded, fields }: DebugOffsets): void {
  for (const field of ['interpreter_state.tlbc_generation', 'interpreter_frame.tlbc_index', 'code_object.co_tlbc']) {
    const value = fields.get(field);
    if (value !== undefined && value > 0 !== freeThreaded)
      throw new DebugOffsetsError(`${field} is ${value} in a ${freeThreaded ? 'free-threaded build' : 'build with a GIL'}`);
  }
  // struct _gil_runtime_state begins with `enabled`, or with `interval`, which last_holder follows.
  const holder = fields.get('interpreter_state.gil_runtime_state_holder')! - fields.get('interpreter_state.gil_runtime_state')!;
  if (holder !== (freeThreaded ? 16 : 8))
    throw new DebugOffsetsError(`interpreter_state.gil_runtime_state_holder lies ${holder} bytes into the GIL`);
}

const pointers = new Set([
  'runtime_state.interpreters_head', 'interpreter_state.next', 'interpreter_state.threads_head',
  'interpreter_state.ceval_gil', 'interpreter_state.imports_modules', 'interpreter_state.gil_runtime_state_holder',
  'interpreter_state.code_object_generation', 'interpreter_state.id', 'thread_state.prev', 'thread_state.next', 'thread_state.interp',
  'thread_state.current_frame', 'thread_state.thread_id', 'thread_state.native_thread_id', 'thread_state.datastack_chunk',
  'interpreter_frame.previous', 'interpreter_frame.executable', 'interpreter_frame.instr_ptr',
  'interpreter_frame.localsplus', 'interpreter_frame.stackpointer', 'code_object.filename', 'code_object.name',
  'code_object.qualname', 'code_object.linetable', 'code_object.co_tlbc', 'pyobject.ob_type', 'bytes_object.ob_size', 'unicode_object.length',
]); // prettier-ignore

function requiredAlignment(field: string): number {
  return pointers.has(field) ? 8 : 1;
}

function smallUint64(view: DataView, position: number): number {
  const low = view.getUint32(position, true);
  const high = view.getUint32(position + 4, true);
  // Every value is an offset, a size or a version: anything wider is not this table.
  if (high !== 0) throw new DebugOffsetsError(`the table of debug offsets holds ${high * 2 ** 32 + low} at ${position}`);
  return low;
}
