import fs from 'node:fs';
import { packTestExtension } from './testExtension.ts';

/** Whether there is a debugpy for the Python that the adapter is started with. */
export const hasDebugpy = fs.existsSync('/usr/lib/python3/dist-packages/debugpy');

/** Packs the extension that contributes the debug type debugpy and returns its .vsix. */
export async function packDebugAdapter(): Promise<string> {
  return packTestExtension('debugAdapter');
}
