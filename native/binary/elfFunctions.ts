import { lastAtMost } from '../memory/ranges.ts';
import type { BinaryFunction, FunctionTable } from './binary.ts';
import type { ByteSource } from './byteSource.ts';

/** Elf64_Sym, and values of its fields (System V gABI; STT_GNU_IFUNC: elf.h). */
const symbolSize = 24;
const SymbolType = { None: 0, Function: 2, Indirect: 10 } as const;
const undefinedSection = 0;
/** STB_LOCAL: seen by its own file alone. */
const localBinding = 0;

/** A million symbols: torch's largest library has 386 000. Their addresses must fit 32 bits, so that both fit a Number's 53. */
const maxSymbols = 2 ** 20;
const maxAddress = 2 ** 32;
/** Bytes that are read in one piece. */
const pieceSize = symbolSize * 16_384;
/** C++ names of thousands of characters are no rarity. */
const maxName = 4096;
/** Names of one address that are compared. */
const maxAliases = 16;
/** Bytes behind the start of a symbol without a size, as assembler code's, that count as its own. */
const unsizedReach = 65_536;
/** Functions that are looked at outwards from an address: those that begin before it may end before it. */
const maxNested = 8;

/** Where something lies in the file. */
interface FilePart {
  readonly fileOffset: number;
  readonly size: number;
}

/** The functions of a symbol table, in typed arrays: 20 bytes for each, and no names. */
export class ElfFunctions implements FunctionTable {
  private readonly source: ByteSource;
  private readonly strings: FilePart;
  private readonly addresses: Float64Array;
  private readonly sizes: Uint32Array;
  private readonly names: Uint32Array;
  private readonly isGlobal: Uint8Array;

  private constructor(source: ByteSource, strings: FilePart, symbols: FoundSymbols) {
    this.source = source;
    this.strings = strings;
    // A typed array sorts numbers ten times as fast as a comparison of ours would: address and index in one.
    const keys = symbols.addresses.subarray(0, symbols.count).map((address, index) => address * maxSymbols + index);
    keys.sort();
    const order = Uint32Array.from(keys, (key) => key % maxSymbols);
    this.addresses = keys.map((key) => Math.floor(key / maxSymbols));
    this.sizes = order.map((index) => symbols.sizes[index]!);
    this.names = order.map((index) => symbols.names[index]!);
    this.isGlobal = Uint8Array.from(order, (index) => symbols.isGlobal[index]!);
  }

  /** @returns null when the table is broken or too large */
  static read(source: ByteSource, table: FilePart, strings: FilePart): ElfFunctions | null {
    const count = Math.floor(table.size / symbolSize);
    if (count > maxSymbols || count === 0) return null;
    const found = new FoundSymbols(count);
    for (let done = 0; done < count * symbolSize; done += pieceSize) {
      const piece = source.read(table.fileOffset + done, Math.min(pieceSize, count * symbolSize - done));
      if (piece === null) return null;
      found.addAll(piece);
    }
    return found.count === 0 ? null : new ElfFunctions(source, strings, found);
  }

  find(address: number): BinaryFunction | null {
    const { addresses, sizes } = this;
    for (let i = lastAtMost(addresses, address), looked = 0; i >= 0 && looked < maxNested; i--, looked++) {
      const behind = address - addresses[i]!;
      if (behind < sizes[i]! || (sizes[i] === 0 && looked === 0 && behind < unsizedReach)) return this.best(i);
    }
    return null;
  }

  private best(last: number): BinaryFunction | null {
    const { addresses, sizes, isGlobal } = this;
    let best: BinaryFunction | null = null;
    let bestRank = Infinity;
    for (let i = last; i >= 0 && i > last - maxAliases && addresses[i] === addresses[last]; i--) {
      const name = this.nameOf(i);
      if (name === null) continue;
      // Names that begin with "_" are a library's own ones for what it exports: __poll and poll.
      const rank = (isGlobal[i] === 1 ? 0 : 2 * maxName) + (name.startsWith('_') ? maxName : 0) + name.length;
      if (rank >= bestRank) continue;
      bestRank = rank;
      best = { name, address: addresses[i]!, size: sizes[i]! };
    }
    return best;
  }

  private nameOf(index: number): string | null {
    const { strings, source, names } = this;
    const at = names[index]!;
    if (at >= strings.size) return null;
    const bytes = source.read(strings.fileOffset + at, Math.min(maxName, strings.size - at));
    const end = bytes?.indexOf(0) ?? -1;
    return bytes === null || end === 0 ? null : bytes.toString('latin1', 0, end < 0 ? bytes.length : end);
  }
}

/** Columns of what is a function, or may be one, in the order of the table. */
class FoundSymbols {
  readonly addresses: Float64Array;
  readonly sizes: Uint32Array;
  readonly names: Uint32Array;
  readonly isGlobal: Uint8Array;
  count = 0;

  constructor(most: number) {
    this.addresses = new Float64Array(most);
    this.sizes = new Uint32Array(most);
    this.names = new Uint32Array(most);
    this.isGlobal = new Uint8Array(most);
  }

  addAll(table: Buffer): void {
    for (let at = 0; at + symbolSize <= table.length; at += symbolSize) {
      const info = table[at + 4]!;
      const type = info & 15;
      // Assembler code often does not say that something is a function.
      if (type !== SymbolType.Function && type !== SymbolType.Indirect && type !== SymbolType.None) continue;
      const address = table.readUInt32LE(at + 8) + table.readUInt32LE(at + 12) * 2 ** 32;
      if (table.readUInt16LE(at + 6) === undefinedSection || address === 0 || address >= maxAddress) continue;
      this.addresses[this.count] = address;
      this.sizes[this.count] = table.readUInt32LE(at + 16);
      this.names[this.count] = table.readUInt32LE(at);
      this.isGlobal[this.count] = info >>> 4 === localBinding ? 0 : 1;
      this.count++;
    }
  }
}
