import type { ByteSource } from './byteSource.ts';

/** The file isn't one we read: of no format we know, for other processors, or broken. */
export class BinaryError extends Error {
  override name = 'BinaryError';
}

/**
 * An executable or a library, in whatever format the system has: a file, or the image of one that a process has loaded. Addresses
 * are its own: add a load bias for those in a process.
 */
export interface Binary {
  readonly processor: Processor;
  readonly placement: BinaryPlacement;
  /** What names exactly this build of it, as text; null when nothing does. */
  buildId(): string | null;
  /**
   * A section by its name in CPython's sources ("PyRuntime"), however the format spells that. Null where there is none, or the
   * format does not tell: images of ELF files have no sections.
   */
  section(name: string): BinaryPart | null;
  /** Those of these symbols that other binaries can see. A few reads a name. */
  findExports(names: Iterable<string>): Map<string, BinarySymbol>;
  /** Those of these symbols that the binary has a name for, exported or not. May read all of its symbols. */
  findSymbols(names: Iterable<string>): Map<string, BinarySymbol>;
  /** Where its texts are: string constants, or these, its variables and the names of its symbols. More than that where it does not tell. */
  texts(of: 'constants' | 'everything'): readonly BinaryPart[];
  /** Functions that it has names for: all, or those that other binaries can see. Null where it has no such list (stripped files; images). */
  functions(which: 'all' | 'exported'): FunctionTable | null;
  /**
   * What a section of debugging information or the like holds, by its name without the format's own marks ("debug_line"), unpacked; null: it has none, or
   * one that can't be read.
   */
  content(name: string): ByteSource | null;
  /** Where its index of call frame information is (.eh_frame_hdr); null: it has none. */
  unwindIndex(): BinaryPart | null;
  /** Name of the file that has what was stripped from it, and that file's checksum (CRC-32); null where it does not say. */
  debugLink(): { readonly name: string; readonly checksum: number } | null;
  /** Bytes at an address as the program sees them before relocation; null when they are not in the file or the image. */
  readAt(address: number, length: number): Buffer | null;
}

/** What code is for. */
export type Processor = 'x64' | 'arm64' | 'other';

/** A part of a binary: an address of its own, and bytes that have a content there. */
export interface BinaryPart {
  readonly address: number;
  readonly size: number;
}

export interface BinarySymbol {
  readonly address: number;
  /** Bytes; 0 where that is not known. */
  readonly size: number;
}

export interface BinaryFunction extends BinarySymbol {
  /** As it is in the binary: C++ and Rust names are mangled. */
  readonly name: string;
}

/** Functions by address. Reads names from the binary when they are asked for. */
export interface FunctionTable {
  /** The function that has this address in it; of several names for it one that is meant for others, and the shortest of these. */
  find(address: number): BinaryFunction | null;
}

/** How a binary lies in memory. Needs its content no longer: may be kept when that is closed. */
export interface BinaryPlacement {
  /**
   * Where it was loaded: real addresses minus its own. One value per copy of it in the process, the most complete first: a file
   * that is also mapped as plain data gives stray values.
   * @param mappings where which part of the file is mapped
   * @param pageSize bytes
   */
  loadBiases(mappings: readonly FileMapping[], pageSize: number): number[];
  /**
   * Whether all of its parts that are loaded from the file are where this bias has them.
   * @param mappings where which part of the file is mapped
   */
  isLoadedAt(bias: number, mappings: readonly FileMapping[]): boolean;
  /** Where what it may write to is, in a process. Multiples of 8. */
  variables(bias: number): AddressRange[];
}

/** A part of a file in a process's memory; addresses and offsets in bytes. */
export interface FileMapping {
  readonly start: number;
  readonly end: number;
  readonly fileOffset: number;
}

/** Addresses from and to (excluded). */
export interface AddressRange {
  readonly start: number;
  readonly end: number;
}

/** A format of binaries. */
export interface BinaryFormat {
  /** Whether something begins as this format's files do; no more than that. */
  recognizes(source: ByteSource): boolean;
  /** Whether what it recognizes is for processors with 32-bit addresses, which we don't read. */
  is32Bit(source: ByteSource): boolean;
  /** @throws BinaryError */
  open(source: ByteSource): Binary;
  /**
   * Opens what a process has loaded.
   * @param source the image, from the file's first byte on
   * @param mappings of the file
   * @param pageSize bytes
   * @throws BinaryError
   */
  openImage(source: ByteSource, mappings: readonly FileMapping[], pageSize: number): Binary;
}
