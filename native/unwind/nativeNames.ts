import path from 'node:path';
import type { Binary, BinaryFunction, FunctionTable } from '../binary/binary.ts';
import { BinaryError } from '../binary/binary.ts';
import { BufferSource } from '../binary/byteSource.ts';
import { openBinary } from '../binary/open.ts';
import type { ThreadContexts } from '../os/threadContexts.ts';
import { cythonName } from '../symbols/cythonName.ts';
import { type CodePlace, DebugInformation } from '../symbols/dwarf/debugInformation.ts';
import { GeneratedCode } from '../symbols/generatedCode.ts';
import { SymbolThread } from '../symbols/symbolThread.ts';
import { type DebugFile, openDebugFile } from './debugFiles.ts';
import type { Module, Modules } from './modules.ts';

/** Addresses whose names are kept. */
const maxNames = 1 << 14;
/** Bytes of a packed table of symbols. Fedora's largest are some 100 KB. */
const maxMini = 16 * 1024 * 1024;

/** What a place in machine code is called. */
export interface NativeName {
  /**
   * The function, as people write it. Of code without a name the file's, and where in it the function begins; of code in no file where it
   * is in memory.
   */
  readonly function: string;
  /** Path of the file; "[vdso]"; null: the code is in none. */
  readonly library: string | null;
  /** Path of the source, as the compiler had it; null: it is not known. */
  readonly source: string | null;
  /** In the source; 0: it is not known, or of no line. */
  readonly line: number;
  /** It has no frame of its own: the compiler put it into the function that called it. */
  readonly isInlined: boolean;
}

/** What is known of a file's code. */
interface Knowledge {
  readonly tables: readonly FunctionTable[];
  readonly information: DebugInformation | null;
}

/** One for all: its names hold for all processes. */
const symbolThread = new SymbolThread();

/** Names of places in a process's code. Tables of symbols and debugging information are read when the first name of their file is asked for. */
export class NativeNames {
  private readonly modules: Modules;
  private readonly contexts: ThreadContexts;
  private readonly debugFolders: readonly string[];
  private readonly known = new Map<Module, Knowledge>();
  private readonly debugFiles: DebugFile[] = [];
  private readonly names = new Map<number, readonly NativeName[]>();
  private readonly generated: GeneratedCode;

  /** @param debugFolders of ours, where separate debug files are looked for, too */
  constructor(modules: Modules, contexts: ThreadContexts, debugFolders: readonly string[]) {
    this.modules = modules;
    this.contexts = contexts;
    this.debugFolders = debugFolders;
    this.generated = new GeneratedCode(contexts);
  }

  /**
   * What stands for an address: functions that were inlined there, the innermost first, and the one that has a frame last.
   * @param isExact whether it is where a thread stands; else where a call returns to
   */
  of(address: number, isExact: boolean): readonly NativeName[] {
    const place = isExact ? address : address - 1;
    let found = this.names.get(place);
    if (found === undefined) {
      if (this.names.size >= maxNames) this.names.clear();
      found = this.find(place);
      // What is generated may be something else the next time.
      if (found.at(-1)!.library !== null) this.names.set(place, found);
    }
    return found;
  }

  /** The function of a file that has an address of the file's own in it; null: none that has a name. */
  function(module: Module, address: number): BinaryFunction | null {
    for (const table of this.knowledge(module).tables) {
      const found = table.find(address);
      if (found !== null) return found;
    }
    return null;
  }

  close(): void {
    for (const { source } of this.debugFiles) source.close();
  }

  private find(address: number): readonly NativeName[] {
    const module = this.modules.at(address);
    if (module === null) return [{ ...nowhere, function: this.generated.name(address) ?? `0x${address.toString(16)}`, library: null }];
    const own = address - module.bias;
    const places = this.knowledge(module).information?.at(own) ?? [];
    const outer = places.at(-1) ?? { function: null, file: '', line: 0 };
    const library = module.path;
    return [
      ...places
        .slice(0, -1)
        .map((place) => ({ function: plainName(place.function ?? '(inlined)'), library, ...sourceOf(place), isInlined: true })),
      { function: this.outerName(module, own, outer), library, ...sourceOf(outer), isInlined: false },
    ];
  }

  /** Of the function that has a frame at an address of the file's own. */
  private outerName(module: Module, own: number, place: CodePlace): string {
    const extent = module.callFrameInfo?.extent(own) ?? null;
    const found = this.function(module, own);
    // A symbol that begins before the code's own start is another function's, of which this one lost its name.
    if (found !== null && (extent === null || found.size > 0 || found.address >= extent.start)) return plainName(found.name);
    if (place.function !== null) return plainName(place.function);
    return `${path.posix.basename(module.path)}+0x${(extent?.start ?? own).toString(16)}`;
  }

  private knowledge(module: Module): Knowledge {
    let known = this.known.get(module);
    if (known === undefined) {
      known = this.read(module);
      this.known.set(module, known);
    }
    return known;
  }

  private read({ binary, path: file }: Module): Knowledge {
    if (binary === null) return { tables: [], information: null };
    const all = binary.functions('all');
    const information = DebugInformation.open(binary);
    if (all !== null && information !== null) return { tables: [all], information };
    const debugFile = openDebugFile(this.contexts, file, binary, this.debugFolders);
    if (debugFile !== null) this.debugFiles.push(debugFile);
    const stripped = [debugFile?.binary.functions('all') ?? miniTable(binary), binary.functions('exported')];
    return {
      tables: (all === null ? stripped : [all]).filter((table) => table !== null),
      information: information ?? (debugFile && DebugInformation.open(debugFile.binary)),
    };
  }
}

const nowhere = { source: null, line: 0, isInlined: false } as const;

function sourceOf({ file, line }: CodePlace): Pick<NativeName, 'source' | 'line'> {
  return { source: file === '' ? null : file, line: file === '' ? 0 : line };
}

/** What is left of the table of symbols where it was stripped off: an xz file of an ELF file (.gnu_debugdata; GDB manual, "MiniDebugInfo"). */
function miniTable(binary: Binary): FunctionTable | null {
  const content = binary.content('gnu_debugdata');
  const packed = content !== null && content.size <= maxMini ? content.read(0, content.size) : null;
  const unpacked = packed && symbolThread.unpacked(packed);
  if (unpacked === null) return null;
  try {
    return openBinary(new BufferSource(unpacked)).functions('all');
  } catch (error) {
    if (error instanceof BinaryError) return null;
    throw error;
  }
}

/** A name as people write it. */
function plainName(name: string): string {
  const bare = withoutSuffixes(name);
  return cythonName(bare) ?? symbolThread.plainName(bare);
}

/**
 * Without what compilers add to the names of functions that they split or copied (".cold", ".part.0", ".isra.0", ".constprop.0", ".lto_priv.0"), and
 * linkers as a symbol's version ("@@GLIBC_2.17").
 */
function withoutSuffixes(name: string): string {
  const bare = name
    .replace(/@@?[A-Za-z_0-9.]+$/, '')
    .replace(/(?:\.(?:cold|part|isra|constprop|lto_priv|localalias|llvm)(?:\.\d+)?)+$/, '');
  return bare === '' ? name : bare;
}
