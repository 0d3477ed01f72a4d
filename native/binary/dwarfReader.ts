/** Bytes of debugging or call frame information are broken, or of a kind that we don't read. */
export class DwarfError extends Error {
  override name = 'DwarfError';
}

/** DW_EH_PE_…: how a pointer in .eh_frame is written (Linux Standard Base, DWARF Extensions). */
const Encoding = { Omitted: 0xff, Format: 0x0f, Relation: 0x70, ToItself: 0x10, ToData: 0x30, Indirect: 0x80 } as const;

/** A LEB128 of more bytes has no value that we could use. */
const maxLeb = 10;

/** Reads numbers from a part of a binary, one after the other. All methods throw a DwarfError where it ends. */
export class DwarfReader {
  readonly bytes: Buffer;
  at: number;
  readonly end: number;
  /** Address of the first of the bytes. */
  readonly base: number;

  constructor(bytes: Buffer, base: number, at = 0, end = bytes.length) {
    this.bytes = bytes;
    this.base = base;
    this.at = at;
    this.end = Math.min(end, bytes.length);
  }

  u8(): number {
    return this.bytes[this.take(1)]!;
  }

  i8(): number {
    return this.bytes.readInt8(this.take(1));
  }

  u16(): number {
    return this.bytes.readUInt16LE(this.take(2));
  }

  i16(): number {
    return this.bytes.readInt16LE(this.take(2));
  }

  u32(): number {
    return this.bytes.readUInt32LE(this.take(4));
  }

  i32(): number {
    return this.bytes.readInt32LE(this.take(4));
  }

  /** Exact below 2^53. */
  u64(): number {
    const at = this.take(8);
    return this.bytes.readUInt32LE(at) + this.bytes.readUInt32LE(at + 4) * 2 ** 32;
  }

  i64(): number {
    const at = this.take(8);
    return this.bytes.readUInt32LE(at) + this.bytes.readInt32LE(at + 4) * 2 ** 32;
  }

  uleb(): number {
    let value = 0;
    let factor = 1;
    for (let i = 0; i < maxLeb; i++, factor *= 128) {
      const byte = this.u8();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
    throw new DwarfError('a number is too long');
  }

  sleb(): number {
    let value = 0;
    let factor = 1;
    for (let i = 0; i < maxLeb; i++) {
      const byte = this.u8();
      value += (byte & 0x7f) * factor;
      factor *= 128;
      if (byte < 0x80) return (byte & 0x40) !== 0 ? value - factor : value;
    }
    throw new DwarfError('a number is too long');
  }

  /** A text that ends with a zero. */
  text(): string {
    const end = this.bytes.indexOf(0, this.at);
    if (end < 0 || end >= this.end) throw new DwarfError('a text has no end');
    const text = this.bytes.toString('utf8', this.at, end);
    this.at = end + 1;
    return text;
  }

  skip(count: number): void {
    this.take(count);
  }

  /** A number that says how many of these bytes follow; skips them. @returns where they begin */
  block(): { readonly start: number; readonly end: number } {
    const length = this.uleb();
    const start = this.take(length);
    return { start, end: start + length };
  }

  /** @param data what addresses may be relative to: the start of .eh_frame_hdr. @returns the address, or a plain number */
  encoded(encoding: number, data: number): number {
    if (encoding === Encoding.Omitted) return 0;
    if ((encoding & Encoding.Indirect) !== 0) throw new DwarfError('a pointer to a pointer');
    const itself = this.base + this.at;
    const value = this.formatted(encoding & Encoding.Format);
    switch (encoding & Encoding.Relation) {
      case 0:
        return value;
      case Encoding.ToItself:
        return value + itself;
      case Encoding.ToData:
        return value + data;
      default:
        throw new DwarfError(`pointers of kind ${encoding}`);
    }
  }

  private formatted(format: number): number {
    switch (format) {
      case 0:
      case 4:
        return this.u64();
      case 1:
        return this.uleb();
      case 2:
        return this.u16();
      case 3:
        return this.u32();
      case 9:
        return this.sleb();
      case 10:
        return this.i16();
      case 11:
        return this.i32();
      case 12:
        return this.i64();
      default:
        throw new DwarfError(`numbers of format ${format}`);
    }
  }

  private take(count: number): number {
    const { at } = this;
    if (!(count >= 0 && at + count <= this.end)) throw new DwarfError('it ends too early');
    this.at = at + count;
    return at;
  }
}
