import fs from 'node:fs';
import path from 'node:path';
import { root, run } from '../../scripts/command.ts';

/** Whether there is a debugpy for the Python that the adapter is started with. */
export const hasDebugpy = fs.existsSync('/usr/lib/python3/dist-packages/debugpy');

/** Packs the extension that contributes the debug type debugpy and returns its .vsix. */
export async function packDebugAdapter(): Promise<string> {
  const folder = path.join(root, 'out', 'debugAdapter');
  fs.rmSync(folder, { recursive: true, force: true });
  fs.cpSync(path.join(root, 'test/editor/debugAdapter'), folder, { recursive: true });
  const vsix = path.join(folder, 'debugAdapter.vsix');
  const vsce = path.join(root, 'node_modules/@vscode/vsce/vsce');
  await run(process.execPath, [vsce, 'package', '--out', vsix, '--allow-missing-repository', '--skip-license'], { workingDirectory: folder });
  return vsix;
}
