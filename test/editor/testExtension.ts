import fs from 'node:fs';
import path from 'node:path';
import { root, run } from '../../scripts/command.ts';

/** Packs an extension that tests need from its folder beside this file, and returns its .vsix. */
export async function packTestExtension(name: string): Promise<string> {
  const folder = path.join(root, 'out', name);
  fs.rmSync(folder, { recursive: true, force: true });
  fs.cpSync(path.join(root, 'test/editor', name), folder, { recursive: true });
  const vsix = path.join(folder, `${name}.vsix`);
  const vsce = path.join(root, 'node_modules/@vscode/vsce/vsce');
  await run(process.execPath, [vsce, 'package', '--out', vsix, '--allow-missing-repository', '--skip-license'], {
    workingDirectory: folder,
  });
  return vsix;
}
