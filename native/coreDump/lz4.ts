const frameMagic = 0x184d2204;
/** Frames to be skipped have one of sixteen. */
const skippedMagic = 0x184d2a50;
/** Most bytes of a block, by the number that a frame's header has for it. */
const blockSizes: ReadonlyMap<number, number> = new Map([
  [4, 1 << 16],
  [5, 1 << 18],
  [6, 1 << 20],
  [7, 1 << 22],
]);
/** How far back a match may reach, in bytes. */
const windowLength = 1 << 16;
/** Bits of a frame's first byte. */
const Flag = { Dictionary: 0x01, ContentChecksum: 0x04, ContentSize: 0x08, BlockChecksum: 0x10 } as const;
/** Bit of a block's length: it is as it was. */
const stored = 0x8000_0000;
/** Bytes of a match at least. */
const shortestMatch = 4;

/** A file that is not what it says, or needs what is not in it. */
export class Lz4Error extends Error {
  override name = 'Lz4Error';
}

/**
 * Unpacks what `lz4` and systemd-coredump write: frames, one behind the other (LZ4 Frame Format 1.6, lz4_Frame_format.md). Of the file
 * and of what is unpacked a block each is held, 4 MiB at most. Checksums are not looked at.
 *
 * Ours, since Node.js has no LZ4, and what npm has for it needs the whole file in memory or does not bound what a damaged one does.
 * @throws Lz4Error
 */
export async function* unpackLz4(packed: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const input = new Input(packed);
  for (;;) {
    const head = await input.take(4, true);
    if (head === null) return;
    const magic = head.readUInt32LE();
    if (magic === frameMagic) yield* unpackFrame(input);
    else if (magic >= skippedMagic && magic < skippedMagic + 16) await input.skip((await input.take(4)).readUInt32LE());
    else throw new Lz4Error('what follows is no LZ4 frame');
  }
}

async function* unpackFrame(input: Input): AsyncGenerator<Buffer> {
  const [flags, sizes] = await input.take(2);
  if (flags! >> 6 !== 1) throw new Lz4Error('its LZ4 is of another version');
  if ((flags! & Flag.Dictionary) !== 0) throw new Lz4Error('its LZ4 needs a dictionary');
  const blockSize = blockSizes.get(sizes! >> 4);
  if (blockSize === undefined) throw new Lz4Error('its blocks have no size that LZ4 knows');
  await input.skip(((flags! & Flag.ContentSize) !== 0 ? 8 : 0) + 1); // and the header's checksum
  // What matches reach back to, and behind it the block.
  const output = Buffer.alloc(windowLength + blockSize);
  let start = 0;
  for (;;) {
    const word = (await input.take(4)).readUInt32LE();
    if (word === 0) break;
    const length = word % stored;
    if (length > blockSize) throw new Lz4Error('a block is longer than its frame says');
    const block = await input.take(length);
    let end: number;
    if (word < stored) end = unpackBlock(block, output, start, start + blockSize);
    else end = start + block.copy(output, start);
    if ((flags! & Flag.BlockChecksum) !== 0) await input.skip(4);
    yield Buffer.from(output.subarray(start, end));
    const kept = Math.min(end, windowLength);
    output.copyWithin(0, end - kept, end);
    start = kept;
  }
  if ((flags! & Flag.ContentChecksum) !== 0) await input.skip(4);
}

/**
 * A block (lz4_Block_format.md): literals and how much of what came before follows them, in turns. The last has literals alone.
 * @param start where in `output` it goes, behind what came before
 * @param limit where it ends at the latest
 * @returns where it ends
 * @throws Lz4Error
 */
function unpackBlock(block: Buffer, output: Buffer, start: number, limit: number): number {
  let at = 0;
  let to = start;
  const length = (nibble: number): number => {
    let sum = nibble;
    if (nibble === 15) {
      let byte: number;
      do {
        byte = block[at++] ?? 0; // behind its end: 0 ends the loop, and the block is found to be too short
        sum += byte;
      } while (byte === 255);
    }
    return sum;
  };
  for (;;) {
    const token = block[at++];
    if (token === undefined) throw new Lz4Error('a block is cut off');
    const literals = length(token >> 4);
    if (at + literals > block.length || to + literals > limit) throw new Lz4Error('a block is damaged');
    block.copy(output, to, at, at + literals);
    at += literals;
    to += literals;
    if (at === block.length) return to;
    const distance = block[at]! | ((block[at + 1] ?? 0) << 8);
    at += 2;
    const match = length(token & 15) + shortestMatch;
    if (at > block.length || distance === 0 || distance > to || to + match > limit) throw new Lz4Error('a block is damaged');
    // A match may run into itself: it is copied by pieces that are there, each twice as long as the one before.
    for (let done = 0; done < match;) {
      const piece = Math.min(match - done, distance + done);
      output.copyWithin(to + done, to - distance, to - distance + piece);
      done += piece;
    }
    to += match;
  }
}

/** Bytes of a stream, as many as asked for. */
class Input {
  readonly #source: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  async take(length: number): Promise<Buffer>;
  /** @returns null where nothing is left, if that may be */
  async take(length: number, mayEnd: true): Promise<Buffer | null>;
  async take(length: number, mayEnd = false): Promise<Buffer | null> {
    const pieces = [this.#rest];
    let size = this.#rest.length;
    while (size < length) {
      const next = await this.#source.next();
      if (next.done === true) {
        if (mayEnd && size === 0) return null;
        throw new Lz4Error('unexpected end of file');
      }
      pieces.push(next.value);
      size += next.value.length;
    }
    const all = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
    this.#rest = all.subarray(length);
    return all.subarray(0, length);
  }

  async skip(length: number): Promise<void> {
    for (let left = length; left > 0; left -= windowLength) await this.take(Math.min(left, windowLength));
  }
}
