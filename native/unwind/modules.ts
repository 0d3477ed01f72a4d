import { type Binary, BinaryError } from '../binary/binary.ts';
import { BufferSource, type ByteSource, MemorySource } from '../binary/byteSource.ts';
import { openBinary, openImage } from '../binary/open.ts';
import type { Memory } from '../memory/memory.ts';
import { lastAtMost } from '../memory/ranges.ts';
import type { MappedFile, System } from '../os/system.ts';
import type { Region } from '../os/threadContexts.ts';
import { CallFrameInfo, noRule } from './callFrameInfo.ts';
import type { RuleTable } from './rules.ts';

/** The part of the kernel that is mapped into each process: a whole ELF file of a few pages. */
const vdso = '[vdso]';
const maxVdso = 1024 * 1024;

/** The part of the system that knows a process's files. */
export type Files = Pick<System, 'mappedFiles' | 'openMappedFile' | 'pageSize'>;

/** A file, opened when something in it is asked for first. */
export class Module {
  /** As the target names it: a path, or "[vdso]". */
  readonly path: string;
  private readonly load: () => LoadedModule | null;
  private readonly rules: RuleTable;
  private loaded: LoadedModule | null | undefined = undefined;
  private information: CallFrameInfo | null | undefined = undefined;

  constructor(path: string, rules: RuleTable, load: () => LoadedModule | null) {
    this.path = path;
    this.rules = rules;
    this.load = load;
  }

  /** Null where it can't be read. */
  get binary(): Binary | null {
    return this.open()?.binary ?? null;
  }

  /** Real addresses minus its own. */
  get bias(): number {
    return this.open()?.bias ?? 0;
  }

  get callFrameInfo(): CallFrameInfo | null {
    const binary = this.information === undefined ? this.binary : null;
    this.information ??= binary && CallFrameInfo.open(binary, this.rules);
    return this.information;
  }

  close(): void {
    this.loaded?.source.close();
    this.loaded = null;
  }

  private open(): LoadedModule | null {
    if (this.loaded === undefined) this.loaded = this.load();
    return this.loaded;
  }
}

interface LoadedModule {
  readonly source: ByteSource;
  readonly binary: Binary;
  readonly bias: number;
}

/** What is known of a process's code: which file an address is in, and how to get from a frame there to its caller's. */
export class Modules {
  /** Of executable mappings of files, in the order of addresses. */
  private readonly starts: Float64Array;
  private readonly ends: Float64Array;
  private readonly modules: readonly Module[];
  private readonly memory: Memory;

  /** @throws TargetError when the process is gone, or may not be read */
  constructor(system: Files, pid: number, memory: Memory, regions: readonly Region[], rules: RuleTable) {
    this.memory = memory;
    const found: { readonly start: number; readonly end: number; readonly module: Module }[] = [];
    for (const file of system.mappedFiles(pid)) {
      const code = file.mappings.filter(({ executable }) => executable);
      if (code.length === 0) continue;
      const module = new Module(file.path, rules, () => loadFile(system, pid, memory, file));
      for (const { start, end } of code) found.push({ start, end, module });
    }
    for (const { name, start, end } of regions) {
      if (name !== vdso || end - start > maxVdso) continue;
      found.push({ start, end, module: new Module(vdso, rules, () => loadVdso(memory, start, end)) });
    }
    found.sort((a, b) => a.start - b.start);
    this.starts = Float64Array.from(found, ({ start }) => start);
    this.ends = Float64Array.from(found, ({ end }) => end);
    this.modules = found.map(({ module }) => module);
  }

  /** All, each once. */
  get all(): ReadonlySet<Module> {
    return new Set(this.modules);
  }

  /** The file whose code is at an address; null: none. */
  at(address: number): Module | null {
    const found = lastAtMost(this.starts, address);
    return found >= 0 && address < this.ends[found]! ? this.modules[found]! : null;
  }

  /** The rule for an address; `noRule`. */
  rule(address: number): number {
    const module = this.at(address);
    return module?.callFrameInfo?.rule(address - module.bias) ?? noRule;
  }

  /** The function, or part of one, that an address is in, by the call frame information; null: there is none of it. */
  extent(address: number): { readonly start: number; readonly end: number } | null {
    const module = this.at(address);
    const found = module?.callFrameInfo?.extent(address - module.bias) ?? null;
    return module === null || found === null ? null : { start: found.start + module.bias, end: found.end + module.bias };
  }

  /** Bytes of code; null when they can't be read. */
  code(address: number, length: number): Buffer | null {
    const bytes = Buffer.alloc(length);
    return this.memory.read(address, bytes, 0, length) ? bytes : null;
  }

  close(): void {
    for (const module of this.modules) module.close();
  }
}

function loadFile(system: Files, pid: number, memory: Memory, file: MappedFile): LoadedModule | null {
  const content = system.openMappedFile(pid, file);
  // Of a file that was deleted or replaced there is what the process has loaded of it.
  const source = content?.source ?? imageOf(memory, file);
  if (source === null) return null;
  try {
    const binary = content === null ? openImage(source, file.mappings, system.pageSize) : openBinary(source);
    const bias = binary.placement.loadBiases(file.mappings, system.pageSize)[0];
    if (bias !== undefined) return { source, binary, bias };
  } catch (error) {
    if (!(error instanceof BinaryError)) throw error;
  }
  source.close();
  return null;
}

function imageOf(memory: Memory, { mappings }: MappedFile): ByteSource | null {
  const first = mappings[0];
  const last = mappings.at(-1);
  return first?.fileOffset === 0 && last !== undefined ? new MemorySource(memory, first.start, last.end - first.start) : null;
}

function loadVdso(memory: Memory, start: number, end: number): LoadedModule | null {
  const bytes = new Uint8Array(end - start);
  if (!memory.read(start, bytes, 0, bytes.length)) return null;
  try {
    const source = new BufferSource(bytes);
    const binary = openBinary(source);
    const bias = binary.placement.loadBiases([{ start, end, fileOffset: 0 }], 4096)[0];
    return bias === undefined ? null : { source, binary, bias };
  } catch (error) {
    if (error instanceof BinaryError) return null;
    throw error;
  }
}
