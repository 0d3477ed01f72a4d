import { executeAllowing } from '../native/index.ts';
import type { AllowCommand } from './arguments.ts';

const ENOENT = 2;

/** Becomes the program, or returns the exit code that shells give when that is not possible. */
export function allow({ pid, program }: AllowCommand): number {
  try {
    executeAllowing(pid, program);
  } catch (error) {
    process.stderr.write(`heatline: ${error instanceof Error ? error.message : String(error)}\n`);
    return error instanceof Error && 'errno' in error && error.errno === ENOENT ? 127 : 126;
  }
}
