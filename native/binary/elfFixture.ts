/** What to put in a small ELF shared library made for tests. Addresses are file addresses. */
export interface ElfContent {
  readonly dynamic?: Readonly<Record<string, number>>;
  readonly static?: Readonly<Record<string, number>>;
  /** Names among `dynamic` that are imported, not defined. */
  readonly undefinedSymbols?: readonly string[];
  readonly hash?: 'gnu' | 'sysv';
  /** Lets every chain of the sysv hash table lead back to itself. */
  readonly cyclicChains?: boolean;
  /** Stores a name that ends another only once, as linkers do. */
  readonly mergeTails?: boolean;
  /** Its static symbols are functions, and no variables. */
  readonly functions?: boolean;
  /** Hexadecimal. */
  readonly buildId?: string;
  /** Added to the pointers in the dynamic section, as glibc does when it loads a library. */
  readonly relocated?: number;
}

const headersSize = 64 + 4 * 56;

/**
 * A 64-bit little-endian ELF file with one segment of everything at address 0 and a second at 0x5000,
 * whose `.PyRuntime` section has no bytes of interest.
 */
export function buildElf(content: ElfContent): Buffer {
  const out = new Writer(headersSize);
  const dynamicNames = Object.keys(content.dynamic ?? {});
  const ordered = content.hash === 'gnu' ? orderForGnuHash(dynamicNames) : dynamicNames;

  const strings = stringTable(ordered, false);
  const stringsAt = out.append(strings.bytes);
  const undefinedSymbols = new Set(content.undefinedSymbols);
  const symbolsAt = out.append(symbolTable(ordered, content.dynamic ?? {}, strings.offsets, undefinedSymbols));
  const hashAt = out.append(content.hash === 'gnu' ? gnuHashTable(ordered) : sysVHashTable(ordered, content.cyclicChains === true));
  const base = content.relocated ?? 0;
  const dynamicAt = out.append(
    words(
      [
        [content.hash === 'gnu' ? 0x6ffffef5 : 4, base + hashAt],
        [5, base + stringsAt],
        [6, base + symbolsAt],
        [10, strings.bytes.length],
        [0, 0],
      ].flat(),
    ),
  );
  const dynamicSize = content.hash ? 5 * 16 : 0;
  const note = content.buildId === undefined ? Buffer.alloc(0) : buildIdNote(content.buildId);
  const noteAt = out.append(note);

  const staticNames = Object.keys(content.static ?? {});
  const staticStrings = stringTable(staticNames, content.mergeTails === true);
  const staticStringsAt = out.append(staticStrings.bytes);
  const staticTable = symbolTable(staticNames, content.static ?? {}, staticStrings.offsets, new Set(), content.functions === true ? 2 : 1);
  const staticAt = out.append(staticTable);

  const runtimeAt = out.append(Buffer.alloc(64, 0xee));
  const sectionNames = stringTable(['.PyRuntime', '.symtab', '.strtab', '.shstrtab'], false);
  const sectionNamesAt = out.append(sectionNames.bytes);
  const sections = [
    section(0, 0, 0, 0, 0, 0),
    section(sectionNames.offsets.get('.PyRuntime')!, 1, 0x5000, runtimeAt, 64, 0),
    section(sectionNames.offsets.get('.symtab')!, staticNames.length > 0 ? 2 : 1, 0, staticAt, staticTable.length, 3),
    section(sectionNames.offsets.get('.strtab')!, 3, 0, staticStringsAt, staticStrings.bytes.length, 0),
    section(sectionNames.offsets.get('.shstrtab')!, 3, 0, sectionNamesAt, sectionNames.bytes.length, 0),
  ];
  const sectionsAt = out.append(Buffer.concat(sections));

  const bytes = out.finish();
  writeHeader(bytes, sectionsAt, sections.length);
  writeSegment(bytes, 0, 1, 0, 0, bytes.length);
  writeSegment(bytes, 1, 1, runtimeAt - (runtimeAt % 4096), 0x5000 - (0x5000 % 4096), 0x1000);
  writeSegment(bytes, 2, dynamicSize > 0 ? 2 : 0, dynamicAt, dynamicAt, dynamicSize);
  writeSegment(bytes, 3, note.length > 0 ? 4 : 0, noteAt, noteAt, note.length);
  return bytes;
}

class Writer {
  private readonly parts: Buffer[];
  private length: number;

  constructor(reserved: number) {
    this.parts = [Buffer.alloc(reserved)];
    this.length = reserved;
  }

  /** @returns where the bytes begin: a multiple of 8 */
  append(bytes: Buffer): number {
    const padding = (8 - (this.length % 8)) % 8;
    this.parts.push(Buffer.alloc(padding), bytes);
    const at = this.length + padding;
    this.length = at + bytes.length;
    return at;
  }

  finish(): Buffer {
    return Buffer.concat(this.parts);
  }
}

function stringTable(names: readonly string[], mergeTails: boolean): { bytes: Buffer; offsets: Map<string, number> } {
  const offsets = new Map<string, number>();
  let text = '\0';
  for (const name of [...names].sort((a, b) => b.length - a.length)) {
    const merged = mergeTails ? text.indexOf(`${name}\0`) : -1;
    offsets.set(name, merged >= 0 ? merged : text.length);
    if (merged < 0) text += `${name}\0`;
  }
  return { bytes: Buffer.from(text, 'latin1'), offsets };
}

function symbolTable(
  names: readonly string[],
  addresses: Readonly<Record<string, number>>,
  offsets: Map<string, number>,
  undefinedSymbols: Set<string>,
  type = 1,
): Buffer {
  const table = Buffer.alloc(24 * (names.length + 1));
  names.forEach((name, i) => {
    const at = 24 * (i + 1);
    table.writeUInt32LE(offsets.get(name)!, at);
    table.writeUInt8(0x10 | type, at + 4);
    table.writeUInt16LE(undefinedSymbols.has(name) ? 0 : 1, at + 6);
    table.writeBigUInt64LE(BigInt(addresses[name]!), at + 8);
    table.writeBigUInt64LE(8n, at + 16);
  });
  return table;
}

const bucketCount = 7;

function gnuHash(name: string): number {
  return Buffer.from(name, 'latin1').reduce((hash, byte) => (Math.imul(hash, 33) + byte) >>> 0, 5381);
}

/** The table wants symbols of one bucket side by side. */
function orderForGnuHash(names: readonly string[]): string[] {
  return [...names].sort((a, b) => (gnuHash(a) % bucketCount) - (gnuHash(b) % bucketCount));
}

function gnuHashTable(names: readonly string[]): Buffer {
  const header = [bucketCount, 1, 1, 6];
  const bloom = [0xffffffff, 0xffffffff];
  const buckets = new Array<number>(bucketCount).fill(0);
  const chains = names.map((name, i) => {
    const bucket = gnuHash(name) % bucketCount;
    buckets[bucket] ||= i + 1;
    const isLast = i + 1 === names.length || gnuHash(names[i + 1]!) % bucketCount !== bucket;
    return (gnuHash(name) & ~1) | (isLast ? 1 : 0);
  });
  return halfWords([...header, ...bloom, ...buckets, ...chains]);
}

function sysVHash(name: string): number {
  let hash = 0n;
  for (const byte of Buffer.from(name, 'latin1')) {
    hash = (hash << 4n) + BigInt(byte);
    const high = hash & 0xf0000000n;
    hash = (hash ^ (high >> 24n)) & ~high & 0xffffffffn;
  }
  return Number(hash);
}

function sysVHashTable(names: readonly string[], cyclic: boolean): Buffer {
  const buckets = new Array<number>(bucketCount).fill(0);
  const chains = new Array<number>(names.length + 1).fill(0);
  names.forEach((name, i) => {
    const bucket = sysVHash(name) % bucketCount;
    chains[i + 1] = cyclic ? i + 1 : buckets[bucket]!;
    buckets[bucket] = i + 1;
  });
  if (cyclic) buckets.fill(1);
  return halfWords([bucketCount, cyclic ? 0xffffffff : chains.length, ...buckets, ...chains]);
}

function buildIdNote(id: string): Buffer {
  const bytes = Buffer.from(id, 'hex');
  return Buffer.concat([halfWords([4, bytes.length, 3]), Buffer.from('GNU\0'), bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
}

function section(name: number, type: number, address: number, offset: number, size: number, link: number): Buffer {
  const bytes = Buffer.alloc(64);
  bytes.writeUInt32LE(name, 0);
  bytes.writeUInt32LE(type, 4);
  words([address, offset, size]).copy(bytes, 16);
  bytes.writeUInt32LE(link, 40);
  return bytes;
}

function writeHeader(bytes: Buffer, sectionsAt: number, sectionCount: number): void {
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1], 0);
  bytes.writeUInt16LE(3, 16);
  bytes.writeUInt16LE(62, 18);
  words([0, 64, sectionsAt]).copy(bytes, 24);
  bytes.writeUInt16LE(56, 54);
  bytes.writeUInt16LE(4, 56);
  bytes.writeUInt16LE(64, 58);
  bytes.writeUInt16LE(sectionCount, 60);
  bytes.writeUInt16LE(sectionCount - 1, 62);
}

function writeSegment(bytes: Buffer, index: number, type: number, offset: number, address: number, size: number): void {
  const at = 64 + 56 * index;
  bytes.writeUInt32LE(type, at);
  bytes.writeUInt32LE(6, at + 4);
  words([offset, address, address, size, size, 4096]).copy(bytes, at + 8);
}

function words(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(8 * values.length);
  values.forEach((value, i) => bytes.writeBigUInt64LE(BigInt(value), 8 * i));
  return bytes;
}

function halfWords(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, i) => bytes.writeUInt32LE(value >>> 0, 4 * i));
  return bytes;
}
