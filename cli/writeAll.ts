import fs from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';

const write = promisify(fs.write);
/** ms between two tries to write to what is full and does not block. */
const patience = 10;

/**
 * Writes all of it to an open file. The thread that listens to signals never waits for a reader, as it does with
 * process.stdout (a pipe's writes are synchronous there): so Ctrl-C ends us however long nobody reads.
 * @throws what the system says
 */
export async function writeAll(fd: number, piece: string | Uint8Array): Promise<void> {
  let rest = typeof piece === 'string' ? Buffer.from(piece) : piece;
  while (rest.length > 0) {
    try {
      const { bytesWritten } = await write(fd, rest);
      rest = rest.subarray(bytesWritten);
    } catch (error) {
      // Someone who has the other end of our output in common with us set it to O_NONBLOCK.
      if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) throw error;
      await setTimeout(patience);
    }
  }
}
