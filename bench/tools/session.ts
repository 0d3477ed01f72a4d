import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { startSampler } from '../placement.ts';

/**
 * Runs a script of this folder that samples for a while, on the sampler's core.
 * @param work done while it samples
 * @param where the core it runs on (placement.ts), the sampler's unless told
 * @returns what the script says in the end
 */
export async function watch<Result>(
  script: string,
  args: readonly string[],
  work: () => Promise<void> = () => Promise.resolve(),
  where?: readonly string[],
): Promise<Result> {
  const child = startSampler([process.execPath, script, ...args], ['ignore', 'pipe', 'inherit'], where);
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  const next = async (): Promise<unknown> => {
    const line = await lines.next();
    if (line.done === true) throw new Error('Heatline ended without a result.');
    return JSON.parse(line.value);
  };
  await next();
  await work();
  const result = (await next()) as Result;
  if (child.exitCode === null) await once(child, 'close');
  return result;
}
