import fs from 'node:fs';
import path from 'node:path';
import { cacheFolder } from '../../test/support/cache.ts';
import { npm, run } from '../command.ts';
import type { Missing } from '../setup.ts';
import { reason } from './system.ts';

/** Major versions of Node.js that the command line runs under (`engines` in package.json) besides the one that we run. */
const others = ['20', '22'] as const;
const folderOf = (version: string): string => path.join(cacheFolder, 'node', version);
const nodeIn = (folder: string): string => path.join(folder, 'node_modules', 'node', 'bin', 'node');

/** Every Node.js that the command line is tested under. @returns `node`: its executable, null where it could not be had */
export function nodesFor(): readonly { readonly version: string; readonly node: string | null }[] {
  const found = others.map((version) => {
    const node = nodeIn(folderOf(version));
    return { version, node: fs.existsSync(node) ? node : null };
  });
  return [...found, { version: process.versions.node.split('.')[0]!, node: process.execPath }];
}

/** Installs the Node.js versions that are not ours, by npm's package of them, into the cache. */
export async function installNodes(say: (message: string) => void): Promise<Missing[]> {
  const missing: Missing[] = [];
  for (const version of others) {
    const folder = folderOf(version);
    if (fs.existsSync(nodeIn(folder))) continue;
    say(`installing Node.js ${version}, to test the command line under it`);
    try {
      fs.mkdirSync(folder, { recursive: true });
      fs.writeFileSync(path.join(folder, 'package.json'), '{ "private": true }');
      await run(process.execPath, npm('install', '--prefer-offline', `node@${version}`), { workingDirectory: folder });
    } catch (error) {
      missing.push({ what: `Node.js ${version}`, why: reason(error), leavesOut: 'tests of the command line under it' });
    }
  }
  return missing;
}
