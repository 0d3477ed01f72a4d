import { MemorySource } from '../binary/byteSource.ts';
import { BinaryError, ElfFile, type ElfSegment, loadBiases } from '../binary/elf.ts';
import type { Memory } from '../memory/memory.ts';
import type { MappedFile, System } from '../os/system.ts';
import { TargetError } from '../targetError.ts';
import { heapFrameLayout } from './heapFrameLayouts.ts';
import { decodeInterpreterHead } from './interpreterHead.ts';
import { isSupported, isVersion, minorVersion, parseVersion, versionInBinary, versionInPaths, versionText } from './version.ts';
import { otherPython } from './otherPython.ts';

/** Where the interpreter of a process is. */
export interface InterpreterLocation {
  /** Address of `_PyRuntime`; to 3.6, which has none, of the static variable that holds the first interpreter. */
  readonly runtimeAddress: number;
  /** PY_VERSION_HEX, for instance 0x030c01f0 for 3.12.1. */
  readonly versionHex: number;
  /** For instance "3.12.1" or "3.14.0rc2". */
  readonly versionText: string;
  /** Whether it is a free-threaded build; false where the version has none (before 3.13). */
  readonly freeThreaded: boolean;
  /** Whether `_PyRuntime` starts with a `_Py_DebugOffsets` (3.13+). */
  readonly hasDebugOffsets: boolean;
  /** The binary that holds the interpreter: the executable or a libpython, as the target names it. */
  readonly binary: string;
  readonly buildId: string | null;
  /** Real addresses of those of the symbols asked for that exist. */
  readonly symbols: ReadonlyMap<string, number>;
}

/** First minor version whose `_PyRuntime` starts with `_Py_DebugOffsets` (pycore_debug_offsets.h). */
const firstWithDebugOffsets = 13;
const cookie = Buffer.from('xdebugpy', 'latin1');
/** In `_Py_DebugOffsets`: version, free_threaded, runtime_state.interpreters_head. */
const inTable = { version: 8, freeThreaded: 16, interpretersHead: 40 } as const;
/** `_PyRuntimeState.interpreters.head` of 3.11 and 3.12 (pycore_runtime.h). */
const interpretersHeadBefore = 40;

const runtimeSymbol = '_PyRuntime';
/** Holds `_PyRuntime` since 3.10, also in binaries stripped of symbols. */
const runtimeSection = '.PyRuntime';
/** To 3.6 there is no `_PyRuntime`, but this function, and the variable it returns. */
const headSymbol = 'PyInterpreterState_Head';
const headVariable = 'interp_head';
const versionSymbol = 'Py_Version';

/** What a binary file with an interpreter says, without a process. Addresses are the file's own. */
interface BinaryFacts {
  readonly segments: readonly ElfSegment[];
  readonly symbols: ReadonlyMap<string, number>;
  /** `_PyRuntime`, to 3.6 the variable that holds the first interpreter; null when that can't be found. */
  readonly runtime: number | null;
  /** As `versionText` spells it; null when the file doesn't tell. */
  readonly version: string | null;
  readonly buildId: string | null;
}

/**
 * What files we know, by content and the symbols they were asked for. Bounded by forgetting the
 * oldest; the same few libraries are in every process of a machine.
 */
const knownBinaries = new Map<string, BinaryFacts | null>();
const maxKnownBinaries = 4096;

/**
 * Finds the interpreter in a process, whatever its executable is called: every file with code that
 * is mapped is asked for `_PyRuntime`. Takes about 50 µs for a file not seen before.
 * @param symbolNames data symbols wanted besides from the interpreter's binary; those that begin with
 *   "_thread_db_" are looked for in the C library
 * @throws TargetError (not-python, no-such-process, permission-denied, unsupported-version, unreadable)
 */
export function locateInterpreter(system: System, memory: Memory, pid: number, symbolNames: readonly string[] = []): InterpreterLocation {
  const files = inSearchOrder(system.mappedFiles(pid));
  const ownNames = symbolNames.filter((name) => !isLibrarySymbol(name));
  let idle: InterpreterLocation | null = null;
  let failure: TargetError | null = null;
  for (const file of files) {
    const facts = examine(system, memory, pid, file, ownNames);
    if (!facts) continue;
    try {
      const location = locateIn(memory, pid, file, facts);
      if (!location) continue;
      const complete = { ...location, symbols: withLibrarySymbols(system, pid, files, location.symbols, symbolNames) };
      if (hasInterpreter(memory, complete)) return complete;
      // A second libpython that some library pulled in is never initialised: the real one may come.
      idle ??= complete;
    } catch (error) {
      if (!(error instanceof TargetError)) throw error;
      failure ??= error;
    }
  }
  if (idle) return idle;
  if (failure) throw failure;
  // Gone in the meantime?
  const mapped = system.mappedFiles(pid);
  const executable = system.execution(pid)?.executable ?? files[0]?.path ?? '';
  const kind = otherPython(system, pid, [...files, ...mapped]);
  throw new TargetError(kind === null ? { code: 'not-python', pid, executable } : { code: 'other-python', pid, executable, kind });
}

/** What kind of interpreter a process has. */
export interface InterpreterFile {
  /** For instance "3.12.1", "2.7" where only the file's name tells, or null. */
  readonly version: string | null;
}

/**
 * Looks for an interpreter in the files of a process, as locateInterpreter does, but reads its memory
 * only where a file can't be opened.
 * @param seen what files turned out to hold; share it among processes that are looked at together
 * @throws TargetError when the process is gone or its files are not for us to see
 */
export function findInterpreterFile(system: System, pid: number, seen: Map<string, InterpreterFile | null>): InterpreterFile | null {
  for (const file of inSearchOrder(system.mappedFiles(pid))) {
    const key = `${file.device} ${file.inode} ${file.path}`;
    let found = seen.get(key);
    if (found === undefined) {
      let facts = examineFile(system, pid, file, []);
      if (facts === undefined) {
        const memory = system.openMemory(pid);
        facts = examineImage(memory, file, []);
        memory.close();
      }
      found = facts && { version: facts.version ?? versionInPaths([file.path]) };
      seen.set(key, found);
    }
    if (found) return found;
  }
  return null;
}

/** The executable, then what says python in its name, then other files with code. */
function inSearchOrder(files: readonly MappedFile[]): MappedFile[] {
  const withCode = files.filter((file) => file.mappings.some((mapping) => mapping.executable));
  const saysPython = (file: MappedFile): boolean => /python/i.test(file.path.slice(file.path.lastIndexOf('/')));
  const [executable, ...others] = withCode;
  return executable ? [executable, ...others.filter(saysPython), ...others.filter((file) => !saysPython(file))] : [];
}

/** By the file; where it can't be opened any more, by its image in memory. */
function examine(system: System, memory: Memory, pid: number, file: MappedFile, names: readonly string[]): BinaryFacts | null {
  const facts = examineFile(system, pid, file, names);
  return facts === undefined ? examineImage(memory, file, names) : facts;
}

/** Undefined: the file can't be opened. Null: no binary with an interpreter. */
function examineFile(system: System, pid: number, file: MappedFile, names: readonly string[]): BinaryFacts | null | undefined {
  const content = system.openMappedFile(pid, file);
  if (!content) return undefined;
  try {
    const key = `${content.key} ${names.join(' ')}`;
    const known = knownBinaries.get(key);
    if (known !== undefined) return known;
    const facts = readFacts(() => new ElfFile(content.source), names);
    if (knownBinaries.size >= maxKnownBinaries) knownBinaries.delete(knownBinaries.keys().next().value!);
    knownBinaries.set(key, facts);
    return facts;
  } finally {
    content.source.close();
  }
}

function examineImage(memory: Memory, file: MappedFile, names: readonly string[]): BinaryFacts | null {
  const first = file.mappings.find((mapping) => mapping.fileOffset === 0);
  if (!first) return null;
  const end = file.mappings.reduce((highest, mapping) => Math.max(highest, mapping.end), 0);
  const source = new MemorySource(memory, first.start, end - first.start);
  return readFacts(() => {
    // The bias is needed to read the image, and known only from its headers.
    const bias = loadBiases(new ElfFile(source, 0).segments, file.mappings)[0];
    if (bias === undefined) throw new BinaryError('Not a loaded binary');
    return new ElfFile(source, bias);
  }, names);
}

function readFacts(open: () => ElfFile, names: readonly string[]): BinaryFacts | null {
  try {
    const elf = open();
    const marks = elf.findDynamicSymbols([runtimeSymbol, headSymbol]);
    let runtime = marks.get(runtimeSymbol)?.address ?? elf.section(runtimeSection)?.address ?? null;
    const head = marks.get(headSymbol)?.address;
    if (runtime === null && head === undefined) return null;
    if (runtime === null && head !== undefined) runtime = elf.findSymbols([headVariable]).get(headVariable)?.address ?? decodeInterpreterHead(elf, head);
    const symbols = new Map<string, number>();
    for (const [name, symbol] of elf.findSymbols([versionSymbol, ...names])) symbols.set(name, symbol.address);
    return { segments: elf.segments, symbols, runtime, version: versionOf(elf, symbols), buildId: elf.buildId() };
  } catch (error) {
    if (error instanceof BinaryError) return null;
    throw error;
  }
}

/** By `Py_Version` (3.11+), which is a constant in the file; before, by a search for the text. */
function versionOf(elf: ElfFile, symbols: ReadonlyMap<string, number>): string | null {
  const address = symbols.get(versionSymbol);
  if (address === undefined) return versionInBinary(elf);
  const hex = elf.readAt(address, 4)?.readUInt32LE(0) ?? 0;
  return isVersion(hex) ? versionText(hex) : null;
}

/** @throws TargetError when this is an interpreter, but one we can't read. */
function locateIn(memory: Memory, pid: number, file: MappedFile, facts: BinaryFacts): InterpreterLocation | null {
  const biases = loadBiases(facts.segments, file.mappings);
  if (biases.length === 0) return null;
  if (facts.runtime === null) throw unknownVersion(pid, facts, file);
  const start = Buffer.alloc(24);
  let failure: TargetError | null = null;
  for (const bias of biases) {
    const runtimeAddress = bias + facts.runtime;
    const version = readVersion(memory, bias, facts);
    if (!memory.read(runtimeAddress, start, 0, start.length)) continue;
    const hasDebugOffsets = start.subarray(0, cookie.length).equals(cookie);
    const versionHex = version ?? (hasDebugOffsets ? start.readUInt32LE(inTable.version) : versionByText(facts, file));
    if (versionHex === null) {
      failure ??= unknownVersion(pid, facts, file);
      continue;
    }
    // What a stray mapping of the file shows: some other bytes.
    if (!isVersion(versionHex)) continue;
    const minor = minorVersion(versionHex);
    const text = versionText(versionHex);
    if (!isSupported(versionHex)) throw unsupported(pid, text);
    if (hasDebugOffsets !== (minor >= firstWithDebugOffsets && versionHex >>> 24 === 3) || (hasDebugOffsets && start.readUInt32LE(inTable.version) !== versionHex)) {
      failure ??= new TargetError({ code: 'unreadable', pid, detail: `Python ${text} has no valid table of offsets at _PyRuntime in ${file.path}.` });
      continue;
    }
    return {
      runtimeAddress,
      versionHex,
      versionText: text,
      freeThreaded: hasDebugOffsets && start.readUInt32LE(inTable.freeThreaded) !== 0,
      hasDebugOffsets,
      binary: file.path,
      buildId: facts.buildId,
      symbols: new Map([...facts.symbols].map(([name, address]) => [name, bias + address])),
    };
  }
  if (failure) throw failure;
  return null;
}

/** PY_VERSION_HEX by `Py_Version` (3.11+). */
function readVersion(memory: Memory, bias: number, facts: BinaryFacts): number | null {
  const address = facts.symbols.get(versionSymbol);
  const bytes = Buffer.alloc(4);
  return address !== undefined && memory.read(bias + address, bytes, 0, 4) ? bytes.readUInt32LE(0) : null;
}

/** What the binary or its name says (before 3.11). */
function versionByText(facts: BinaryFacts, file: MappedFile): number | null {
  const text = facts.version ?? versionInPaths([file.path]);
  return text === null ? null : parseVersion(text);
}

/** Whether the runtime has an interpreter: it is initialised. */
function hasInterpreter(memory: Memory, location: InterpreterLocation): boolean {
  const bytes = Buffer.alloc(8);
  let offset: number = heapFrameLayout(location.versionHex)?.runtime.interpretersHead ?? interpretersHeadBefore;
  if (location.hasDebugOffsets) {
    if (!memory.read(location.runtimeAddress + inTable.interpretersHead, bytes, 0, 8)) return false;
    offset = bytes.readUInt32LE(0);
  }
  return memory.read(location.runtimeAddress + offset, bytes, 0, 8) && (bytes.readUInt32LE(0) !== 0 || bytes.readUInt32LE(4) !== 0);
}

/** Descriptors for debuggers (nptl_db), exported by the C library, before glibc 2.34 by libpthread. */
function isLibrarySymbol(name: string): boolean {
  return name.startsWith('_thread_db_');
}

function withLibrarySymbols(
  system: System,
  pid: number,
  files: readonly MappedFile[],
  own: ReadonlyMap<string, number>,
  names: readonly string[],
): ReadonlyMap<string, number> {
  const wanted = names.filter(isLibrarySymbol);
  if (wanted.length === 0) return own;
  const symbols = new Map(own);
  for (const file of files) {
    if (!/\/(libc|libpthread)[-.][^/]*$/.test(file.path)) continue;
    const content = system.openMappedFile(pid, file);
    if (!content) continue;
    try {
      const elf = new ElfFile(content.source);
      const bias = loadBiases(elf.segments, file.mappings)[0];
      if (bias === undefined) continue;
      for (const [name, symbol] of elf.findSymbols(wanted)) symbols.set(name, bias + symbol.address);
    } catch (error) {
      if (!(error instanceof BinaryError)) throw error;
    } finally {
      content.source.close();
    }
  }
  return symbols;
}

function unknownVersion(pid: number, facts: BinaryFacts, file: MappedFile): TargetError {
  return unsupported(pid, facts.version ?? versionInPaths([file.path]) ?? 'unknown');
}

function unsupported(pid: number, version: string): TargetError {
  return new TargetError({ code: 'unsupported-version', pid, version, detail: 'Heatline reads CPython 2.7 and 3.3 and newer.' });
}
