import { HelperExit, type HelperLook, type HelperOptions, HelperRefusal, runHelper } from '../native/index.ts';
import { say } from './say.ts';

/** Runs the helper and ends the process with it: the sampling thread and the pipes would keep it alive. */
export async function helper(options: HelperOptions | HelperLook): Promise<number> {
  let code: number;
  try {
    code = await runHelper(options);
  } catch (error) {
    if (!(error instanceof HelperRefusal)) throw error;
    code = say(`heatline helper: ${error.message}`, HelperExit.Refused);
  }
  process.exit(code);
}
