import path from 'node:path';
import type { BinaryFunction, FunctionTable } from '../binary/binary.ts';
import type { ThreadContexts } from '../os/threadContexts.ts';
import { type DebugFile, openDebugFile } from './debugFiles.ts';
import type { Module, Modules } from './modules.ts';

/** Addresses whose names are kept. */
const maxNames = 1 << 14;

/** What a place in machine code is called. */
export interface NativeName {
  /**
   * The function, as its binary calls it: C++ and Rust names are mangled. Of code without a name the file's, and where in it the function begins; of code
   * in no file where it is in memory.
   */
  readonly function: string;
  /** Path of the file; "[vdso]"; null: the code is in none. */
  readonly library: string | null;
}

/** Names of places in a process's code. Tables of symbols are read when the first name of their file is asked for. */
export class NativeNames {
  private readonly modules: Modules;
  private readonly contexts: ThreadContexts;
  private readonly tables = new Map<Module, readonly FunctionTable[]>();
  private readonly debugFiles: DebugFile[] = [];
  private readonly names = new Map<number, NativeName>();

  constructor(modules: Modules, contexts: ThreadContexts) {
    this.modules = modules;
    this.contexts = contexts;
  }

  /** @param isExact whether it is where a thread stands; else where a call returns to */
  of(address: number, isExact: boolean): NativeName {
    const place = isExact ? address : address - 1;
    let name = this.names.get(place);
    if (name === undefined) {
      if (this.names.size >= maxNames) this.names.clear();
      name = this.find(place);
      this.names.set(place, name);
    }
    return name;
  }

  /** The function of a file that has an address of the file's own in it; null: none that has a name. */
  function(module: Module, address: number): BinaryFunction | null {
    for (const table of this.tablesOf(module)) {
      const found = table.find(address);
      if (found !== null) return found;
    }
    return null;
  }

  close(): void {
    for (const { source } of this.debugFiles) source.close();
  }

  private find(address: number): NativeName {
    const module = this.modules.at(address);
    if (module === null) return { function: `0x${address.toString(16)}`, library: null };
    const own = address - module.bias;
    const extent = module.callFrameInfo?.extent(own) ?? null;
    const found = this.function(module, own);
    // A symbol that begins before the code's own start is another function's, of which this one lost its name.
    if (found !== null && (extent === null || found.size > 0 || found.address >= extent.start))
      return { function: withoutSuffixes(found.name), library: module.path };
    const start = extent?.start ?? own;
    return { function: `${path.posix.basename(module.path)}+0x${start.toString(16)}`, library: module.path };
  }

  private tablesOf(module: Module): readonly FunctionTable[] {
    let tables = this.tables.get(module);
    if (tables === undefined) {
      tables = this.readTables(module);
      this.tables.set(module, tables);
    }
    return tables;
  }

  private readTables(module: Module): FunctionTable[] {
    const { binary } = module;
    if (binary === null) return [];
    const all = binary.functions('all');
    if (all !== null) return [all];
    const debugFile = openDebugFile(this.contexts, module.path, binary);
    if (debugFile !== null) this.debugFiles.push(debugFile);
    return [debugFile?.binary.functions('all') ?? null, binary.functions('exported')].filter((table) => table !== null);
  }
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
