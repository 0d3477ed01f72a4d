import { executeAllowing } from '../native/index.ts';
import type { AllowCommand } from './arguments.ts';
import { say } from './say.ts';

const ENOENT = 2;

/** Becomes the program, or returns the exit code that shells give when that is not possible. */
export function allow({ pid, program }: AllowCommand): number {
  try {
    executeAllowing(pid, program);
  } catch (error) {
    return say(`heatline: ${error instanceof Error ? error.message : String(error)}`, error instanceof Error && 'errno' in error && error.errno === ENOENT ? 127 : 126);
  }
}
