import fs from 'node:fs';
import { styled } from './color.ts';
import { printable } from './taskText.ts';
import { writeAll } from './writeAll.ts';

/**
 * Tells people something, on standard error. Not by process.stderr, which changes the terminal it is, and ends us by an
 * error event where nobody reads any more: a pipe whose reader has ended, a terminal that was closed. What would steer the terminal is
 * left out, as names of processes and files are in what is said.
 * @returns the exit code given
 */
export function say(text: string, code = 0): number {
  try {
    const lines = text.split('\n').map(printable).join('\n');
    fs.writeSync(2, `${lines.replace(/^heatline:/, (name) => styled('bold', name, 2))}\n`);
  } catch {
    // There is no one to say it to.
  }
  return code;
}

/** Writes what was asked for to standard output. @returns the exit code: who stops reading, as head does, has not got it all */
export async function print(text: string): Promise<number> {
  try {
    await writeAll(1, text);
    return 0;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EPIPE') return 1;
    return say(`heatline: can't write to standard output: ${error instanceof Error ? error.message : String(error)}`, 1);
  }
}
