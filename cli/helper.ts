import { HelperExit, type HelperLook, type HelperOptions, HelperRefusal, runHelper } from '../native/index.ts';

/** Runs the helper and ends the process with it: the sampling thread and the pipes would keep it alive. */
export async function helper(options: HelperOptions | HelperLook): Promise<number> {
  let code: number;
  try {
    code = await runHelper(options);
  } catch (error) {
    if (!(error instanceof HelperRefusal)) throw error;
    process.stderr.write(`heatline helper: ${error.message}\n`);
    code = HelperExit.Refused;
  }
  process.exit(code);
}
