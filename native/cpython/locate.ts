import path from 'node:path';
import { type Binary, BinaryError, type BinaryPlacement } from '../binary/binary.ts';
import { MemorySource } from '../binary/byteSource.ts';
import { openBinary, openImage } from '../binary/open.ts';
import type { Memory } from '../memory/memory.ts';
import type { MappedFile, ProcessSource } from '../os/system.ts';
import { TargetError } from '../targetError.ts';
import { heapFrameLayout } from './heapFrameLayouts.ts';
import { decodeInterpreterHead } from './interpreterHead.ts';
import { isSupported, isVersion, minorVersion, parseVersion, versionInBinary, versionInPaths, versionText } from './version.ts';
import { otherPython } from './otherPython.ts';
import { examineUnnamed } from './unnamedBinary.ts';
import { findUnnamedRuntime } from './unnamedRuntime.ts';

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
const runtimeSection = 'PyRuntime';
/** To 3.6 there is no `_PyRuntime`, but this function, and the variable it returns. */
const headSymbol = 'PyInterpreterState_Head';
const headVariable = 'interp_head';
const versionSymbol = 'Py_Version';

/** What a binary file with an interpreter says, without a process. Addresses are the file's own. */
interface BinaryFacts {
  readonly placement: BinaryPlacement;
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

/** ms for which binaries that name no interpreter are searched: a browser has 200 MB of them. */
const longestSearch = 2000;

/**
 * Finds the interpreter in a process, whatever its executable is called: every file with code that
 * is mapped is asked for `_PyRuntime`. Takes about 50 µs for a file not seen before.
 * @param symbolNames data symbols wanted besides from the interpreter's binary; those that begin with
 *   "_thread_db_" are looked for in the C library
 * @param thorough where no binary names an interpreter, their variables are searched for one: some 100 ms
 * @throws TargetError (not-python, no-such-process, permission-denied, unsupported-version, unreadable)
 */
export function locateInterpreter(
  system: ProcessSource,
  memory: Memory,
  pid: number,
  symbolNames: readonly string[] = [],
  thorough = false,
): InterpreterLocation {
  const files = inSearchOrder(system.mappedFiles(pid));
  let idle: InterpreterLocation | null = null;
  let failure: TargetError | null = null;
  for (const found of locations(system, memory, pid, files, symbolNames)) {
    if (found instanceof TargetError) failure ??= found;
    else if (hasInterpreter(memory, found)) return found;
    // A second libpython that some library pulled in is never initialised: the real one may come.
    else idle ??= found;
  }
  if (idle) return idle;
  if (failure) throw failure;
  const unnamed = thorough ? locateUnnamed(system, memory, pid, files) : null;
  if (unnamed) return { ...unnamed, symbols: withLibrarySymbols(system, pid, files, unnamed.symbols, symbolNames) };
  // Gone in the meantime?
  const mapped = system.mappedFiles(pid);
  const executable = system.execution(pid)?.executable ?? files[0]?.path ?? '';
  const kind = otherPython(system, pid, [...files, ...mapped]);
  throw new TargetError(kind === null ? { code: 'not-python', pid, executable } : { code: 'other-python', pid, executable, kind });
}

/**
 * Interpreters that files of a process hold, whether they are initialised or not; one for each place where a library is loaded
 * (dlmopen). What can't be read is left out. One after the other, as files are looked at: a program has hundreds.
 * @param files all of the process; some of them are in `among`
 */
export function* locateAll(
  system: ProcessSource,
  memory: Memory,
  pid: number,
  files: readonly MappedFile[],
  among: readonly MappedFile[],
  symbolNames: readonly string[],
): Generator<InterpreterLocation | null> {
  for (const file of inSearchOrder(among)) {
    for (const found of locationsIn(system, memory, pid, file, files, symbolNames)) if (!(found instanceof TargetError)) yield found;
    yield null; // nothing more in this file
  }
}

/** What files with code hold, in their order: interpreters, initialised or not, or why one can't be read. */
function* locations(
  system: ProcessSource,
  memory: Memory,
  pid: number,
  files: readonly MappedFile[],
  symbolNames: readonly string[],
): Generator<InterpreterLocation | TargetError> {
  for (const file of files) yield* locationsIn(system, memory, pid, file, files, symbolNames);
}

function* locationsIn(
  system: ProcessSource,
  memory: Memory,
  pid: number,
  file: MappedFile,
  files: readonly MappedFile[],
  symbolNames: readonly string[],
): Generator<InterpreterLocation | TargetError> {
  const facts = examine(
    system,
    memory,
    pid,
    file,
    symbolNames.filter((name) => !isLibrarySymbol(name)),
  );
  if (!facts) return;
  for (const found of locateIn(memory, system.pageSize, pid, file, facts)) {
    if (found instanceof TargetError) yield found;
    else yield { ...found, symbols: withLibrarySymbols(system, pid, files, found.symbols, symbolNames) };
  }
}

function locateUnnamed(system: ProcessSource, memory: Memory, pid: number, files: readonly MappedFile[]): InterpreterLocation | null {
  const until = performance.now() + longestSearch;
  for (const file of files) {
    if (performance.now() > until) break;
    const facts = examineUnnamed(system, pid, file);
    const versionHex = facts === null ? null : parseVersion(facts.version);
    const layout = versionHex === null ? undefined : heapFrameLayout(versionHex);
    if (facts === null || versionHex === null || layout === undefined) continue;
    for (const bias of facts.placement.loadBiases(file.mappings, system.pageSize)) {
      const runtimeAddress = findUnnamedRuntime(memory, facts.placement.variables(bias), layout);
      if (runtimeAddress === null) continue;
      return {
        runtimeAddress,
        versionHex,
        versionText: versionText(versionHex),
        freeThreaded: false,
        hasDebugOffsets: false,
        binary: file.path,
        buildId: facts.buildId,
        symbols: new Map(),
      };
    }
  }
  return null;
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
export function findInterpreterFile(system: ProcessSource, pid: number, seen: Map<string, InterpreterFile | null>): InterpreterFile | null {
  const files = inSearchOrder(system.mappedFiles(pid));
  for (const file of files) {
    const key = `${file.device} ${file.inode} ${file.path}`;
    let found = seen.get(key);
    if (found === undefined) {
      let facts = examineFile(system, pid, file, []);
      if (facts === undefined) {
        const memory = system.openMemory(pid);
        facts = examineImage(memory, system.pageSize, file, []);
        memory.close();
      }
      found = facts && { version: facts.version ?? versionInPaths([file.path]) };
      seen.set(key, found);
    }
    if (found) return found;
  }
  return findUnnamedFile(system, pid, files, seen);
}

/** Looks into the executable alone: a list has no time for all libraries of all processes. */
function findUnnamedFile(
  system: ProcessSource,
  pid: number,
  files: readonly MappedFile[],
  seen: Map<string, InterpreterFile | null>,
): InterpreterFile | null {
  const [executable] = files;
  if (executable === undefined) return null;
  const key = `unnamed ${executable.device} ${executable.inode} ${executable.path}`;
  let found = seen.get(key);
  if (found === undefined) {
    const facts = examineUnnamed(system, pid, executable);
    const versionHex = facts && parseVersion(facts.version);
    // Later ones have a section of their name.
    found = facts !== null && versionHex !== null && heapFrameLayout(versionHex) !== undefined ? { version: facts.version } : null;
    seen.set(key, found);
  }
  return found;
}

/** The executable, then what says python in its name, then other files with code. */
function inSearchOrder(files: readonly MappedFile[]): MappedFile[] {
  const withCode = files.filter((file) => file.mappings.some((mapping) => mapping.executable));
  const saysPython = (file: MappedFile): boolean => /python/i.test(path.basename(file.path));
  const [executable, ...others] = withCode;
  return executable ? [executable, ...others.filter(saysPython), ...others.filter((file) => !saysPython(file))] : [];
}

/** By the file; where it can't be opened any more, by its image in memory. */
function examine(system: ProcessSource, memory: Memory, pid: number, file: MappedFile, names: readonly string[]): BinaryFacts | null {
  const facts = examineFile(system, pid, file, names);
  return facts === undefined ? examineImage(memory, system.pageSize, file, names) : facts;
}

/** Undefined: the file can't be opened. Null: no binary with an interpreter. */
function examineFile(system: ProcessSource, pid: number, file: MappedFile, names: readonly string[]): BinaryFacts | null | undefined {
  const content = system.openMappedFile(pid, file);
  if (!content) return undefined;
  try {
    const key = `${content.key} ${names.join(' ')}`;
    const known = knownBinaries.get(key);
    if (known !== undefined) return known;
    const facts = readFacts(() => openBinary(content.source), names);
    if (knownBinaries.size >= maxKnownBinaries) knownBinaries.delete(knownBinaries.keys().next().value!);
    knownBinaries.set(key, facts);
    return facts;
  } finally {
    content.source.close();
  }
}

function examineImage(memory: Memory, pageSize: number, file: MappedFile, names: readonly string[]): BinaryFacts | null {
  const first = file.mappings.find((mapping) => mapping.fileOffset === 0);
  if (!first) return null;
  const end = file.mappings.reduce((highest, mapping) => Math.max(highest, mapping.end), 0);
  const source = new MemorySource(memory, first.start, end - first.start);
  return readFacts(() => openImage(source, file.mappings, pageSize), names);
}

function readFacts(open: () => Binary, names: readonly string[]): BinaryFacts | null {
  try {
    const binary = open();
    const marks = binary.findExports([runtimeSymbol, headSymbol]);
    let runtime = marks.get(runtimeSymbol)?.address ?? binary.section(runtimeSection)?.address ?? null;
    const head = marks.get(headSymbol)?.address;
    if (runtime === null && head === undefined) return null;
    if (runtime === null && head !== undefined)
      runtime = binary.findSymbols([headVariable]).get(headVariable)?.address ?? decodeInterpreterHead(binary, head);
    const symbols = new Map<string, number>();
    for (const [name, symbol] of binary.findSymbols([versionSymbol, ...names])) symbols.set(name, symbol.address);
    return { placement: binary.placement, symbols, runtime, version: versionOf(binary, symbols), buildId: binary.buildId() };
  } catch (error) {
    if (error instanceof BinaryError) return null;
    throw error;
  }
}

/** By `Py_Version` (3.11+), which is a constant in the file; before, by a search for the text. */
function versionOf(binary: Binary, symbols: ReadonlyMap<string, number>): string | null {
  const address = symbols.get(versionSymbol);
  if (address === undefined) return versionInBinary(binary);
  const hex = binary.readAt(address, 4)?.readUInt32LE(0) ?? 0;
  return isVersion(hex) ? versionText(hex) : null;
}

/** The interpreters that a file is, one for each place where it is loaded; when it is one at none we can read, why. */
function locateIn(
  memory: Memory,
  pageSize: number,
  pid: number,
  file: MappedFile,
  facts: BinaryFacts,
): (InterpreterLocation | TargetError)[] {
  const biases = facts.placement.loadBiases(file.mappings, pageSize);
  if (biases.length === 0) return [];
  if (facts.runtime === null) return [unknownVersion(pid, facts, file)];
  const start = Buffer.alloc(24);
  const found: InterpreterLocation[] = [];
  let failure: TargetError | null = null;
  for (const bias of biases) {
    // It may be loaded more than once (dlmopen), but then as a whole.
    if (found.length > 0 && !facts.placement.isLoadedAt(bias, file.mappings)) continue;
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
    if (!isSupported(versionHex)) return [unsupported(pid, text)];
    if (
      hasDebugOffsets !== (minor >= firstWithDebugOffsets && versionHex >>> 24 === 3) ||
      (hasDebugOffsets && start.readUInt32LE(inTable.version) !== versionHex)
    ) {
      failure ??= new TargetError({
        code: 'unreadable',
        pid,
        detail: `Python ${text} has no valid table of offsets at _PyRuntime in ${file.path}.`,
      });
      continue;
    }
    found.push({
      runtimeAddress,
      versionHex,
      versionText: text,
      freeThreaded: hasDebugOffsets && start.readUInt32LE(inTable.freeThreaded) !== 0,
      hasDebugOffsets,
      binary: file.path,
      buildId: facts.buildId,
      symbols: new Map([...facts.symbols].map(([name, address]) => [name, bias + address])),
    });
  }
  return found.length > 0 || failure === null ? found : [failure];
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

/** Whether the runtime has an interpreter: it is initialised. False where it can't be read any more. */
export function hasInterpreter(memory: Memory, location: InterpreterLocation): boolean {
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
  system: ProcessSource,
  pid: number,
  files: readonly MappedFile[],
  own: ReadonlyMap<string, number>,
  names: readonly string[],
): ReadonlyMap<string, number> {
  const wanted = names.filter(isLibrarySymbol);
  if (wanted.length === 0) return own;
  const symbols = new Map(own);
  for (const file of files) {
    if (!/^(libc|libpthread)[-.]/.test(path.basename(file.path))) continue;
    const content = system.openMappedFile(pid, file);
    if (!content) continue;
    try {
      const binary = openBinary(content.source);
      const bias = binary.placement.loadBiases(file.mappings, system.pageSize)[0];
      if (bias === undefined) continue;
      for (const [name, symbol] of binary.findSymbols(wanted)) symbols.set(name, bias + symbol.address);
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
