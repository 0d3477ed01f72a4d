/** A part of the memory that a core dump is made of. */
export interface DumpedPart {
  readonly address: number;
  /** In memory. */
  readonly size: number;
  /** Bytes of it that are dumped. */
  readonly dumped: number;
  /** "rwx", a "-" for what is not allowed. */
  readonly access: string;
}

export interface DumpedThread {
  readonly id: number;
  /** `orig_rax` and `rax`: the system call it was in, −1 for none, and its result. */
  readonly call: number;
  readonly result: number;
  /** FS: what `pthread_self()` is. */
  readonly pthread?: number;
}

export interface DumpedSignal {
  readonly number: number;
  readonly code: number;
  /** `si_addr`, or of a signal that was sent `si_pid`. */
  readonly detail: number;
}

export interface DumpedMapping {
  readonly start: number;
  readonly end: number;
  readonly fileOffset: number;
  readonly path: string;
}

export interface CoreContent {
  readonly pid: number;
  readonly parentPid?: number;
  readonly name?: string;
  readonly arguments?: string;
  /** The one that got the signal first. */
  readonly threads: readonly DumpedThread[];
  readonly signal?: DumpedSignal;
  readonly auxiliary?: Uint8Array;
  readonly mappings?: readonly DumpedMapping[];
  readonly parts: readonly DumpedPart[];
  readonly machine?: number;
  readonly type?: number;
  /** The number of segments is in a section header, as where there are very many. */
  readonly manySegments?: boolean;
}

/** What a core dump begins with: headers and notes. What is dumped of each part of the memory follows, in their order. */
export function coreHead(content: CoreContent): Buffer {
  const { parts, machine = 62, type = 4, manySegments = false } = content;
  const notes = notesOf(content);
  const count = parts.length + 1;
  const headers = 64 + 56 * count + (manySegments ? 64 : 0);
  const bytes = Buffer.alloc(headers);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  bytes.writeUInt16LE(type, 16);
  bytes.writeUInt16LE(machine, 18);
  bytes.writeUInt32LE(64, 32);
  bytes.writeUInt16LE(56, 54);
  bytes.writeUInt16LE(manySegments ? 0xffff : count, 56);
  if (manySegments) {
    bytes.writeUInt32LE(headers - 64, 40);
    bytes.writeUInt16LE(64, 58);
    bytes.writeUInt16LE(1, 60);
    bytes.writeUInt32LE(count, headers - 64 + 44);
  }
  let offset = headers;
  const segment = (index: number, of: { type: number; flags: number; address: number; size: number; fileSize: number }): void => {
    const at = 64 + 56 * index;
    bytes.writeUInt32LE(of.type, at);
    bytes.writeUInt32LE(of.flags, at + 4);
    bytes.writeBigUInt64LE(BigInt(offset), at + 8);
    bytes.writeBigUInt64LE(BigInt(of.address), at + 16);
    bytes.writeBigUInt64LE(BigInt(of.fileSize), at + 32);
    bytes.writeBigUInt64LE(BigInt(of.size), at + 40);
    offset += of.fileSize;
  };
  segment(0, { type: 4, flags: 0, address: 0, size: 0, fileSize: notes.length });
  for (const [i, { address, size, dumped, access }] of parts.entries()) {
    const flags = (access.includes('r') ? 4 : 0) | (access.includes('w') ? 2 : 0) | (access.includes('x') ? 1 : 0);
    segment(i + 1, { type: 1, flags, address, size, fileSize: dumped });
  }
  return Buffer.concat([bytes, notes]);
}

/** As the kernel orders them (fill_note_info, fs/binfmt_elf.c). */
function notesOf(content: CoreContent): Buffer {
  const { pid, parentPid = 0, name = '', threads, signal, auxiliary, mappings } = content;
  const notes: Buffer[] = [];
  for (const [i, { id, call, result, pthread = 0 }] of threads.entries()) {
    const status = Buffer.alloc(336);
    status.writeInt32LE(signal?.number ?? 0, 0);
    status.writeInt16LE(signal?.number ?? 0, 12);
    status.writeInt32LE(id, 32);
    status.writeBigInt64LE(BigInt(result), 192);
    status.writeBigInt64LE(BigInt(call), 232);
    status.writeBigUInt64LE(BigInt(pthread), 280);
    notes.push(note(1, status));
    if (i > 0) continue;
    const process = Buffer.alloc(136);
    process.writeInt32LE(pid, 24);
    process.writeInt32LE(parentPid, 28);
    process.write(name.slice(0, 15), 40);
    process.write((content.arguments ?? '').slice(0, 79), 56);
    notes.push(note(3, process));
    if (signal !== undefined) {
      const info = Buffer.alloc(128);
      info.writeInt32LE(signal.number, 0);
      info.writeInt32LE(signal.code, 8);
      info.writeBigUInt64LE(BigInt(signal.detail), 16);
      notes.push(note(0x53494749, info));
    }
    if (auxiliary !== undefined) notes.push(note(6, auxiliary));
    if (mappings !== undefined) notes.push(note(0x46494c45, filesNote(mappings)));
  }
  return Buffer.concat(notes);
}

function filesNote(mappings: readonly DumpedMapping[]): Buffer {
  const pageSize = 4096;
  const table = Buffer.alloc(16 + 24 * mappings.length);
  table.writeBigUInt64LE(BigInt(mappings.length), 0);
  table.writeBigUInt64LE(BigInt(pageSize), 8);
  for (const [i, { start, end, fileOffset }] of mappings.entries()) {
    for (const [k, value] of [start, end, fileOffset / pageSize].entries()) table.writeBigUInt64LE(BigInt(value), 16 + 24 * i + 8 * k);
  }
  return Buffer.concat([table, Buffer.from(mappings.map(({ path }) => `${path}\0`).join(''), 'utf8')]);
}

function note(type: number, description: Uint8Array): Buffer {
  const head = Buffer.alloc(20);
  head.writeUInt32LE(5, 0);
  head.writeUInt32LE(description.length, 4);
  head.writeUInt32LE(type, 8);
  head.write('CORE', 12);
  return Buffer.concat([head, description, Buffer.alloc((4 - (description.length % 4)) % 4)]);
}
