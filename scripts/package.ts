/**
 * Makes heatline-TARGET.vsix: production bundles and koffi for that one platform, nothing else.
 *
 *   npm run package [-- --target linux-x64]
 *
 * Fails when the .vsix contains a file that is not expected, lacks one, or is larger than 2 MB.
 */
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import yauzl from 'yauzl';
import { npm, root, run } from './command.ts';
import { packageReadme } from './packageReadme.ts';

const maximumSize = 2_000_000;

/** vsce's platforms and koffi's names for them. Each linux package holds koffi for glibc and for musl. */
const koffiPlatforms: Readonly<Record<string, string>> = {
  'linux-x64': 'linux-x64',
  'linux-arm64': 'linux-arm64',
  'linux-armhf': 'linux-arm',
  'alpine-x64': 'linux-x64',
  'alpine-arm64': 'linux-arm64',
  'darwin-x64': 'darwin-x64',
  'darwin-arm64': 'darwin-arm64',
  'win32-x64': 'win32-x64',
  'win32-arm64': 'win32-arm64',
};

/** Parts of package.json that only matter in the source tree. */
const developmentOnly = ['scripts', 'devDependencies', 'overrides', 'allowScripts', 'private'];

/** What koffi needs when it runs; the rest of its package is sources and documents. */
const koffiFiles = [
  'package.json',
  'LICENSE.txt',
  'index.js',
  'index.cjs',
  'src/koffi/index.js',
  'src/koffi/index.cjs',
  'src/koffi/src/static.js',
  'src/koffi/src/static.cjs',
];

/** Every file that may be in a .vsix, as a path inside it. */
const expected: readonly RegExp[] = [
  /^\[Content_Types\]\.xml$/,
  /^extension\.vsixmanifest$/,
  /^extension\/(package|package\.nls(\.[a-z-]+)?)\.json$/,
  /^extension\/(readme|changelog)\.md$/,
  /^extension\/LICENSE\.txt$/,
  /^extension\/docs\/[\w-]+\.md$/,
  /^extension\/l10n\/bundle\.l10n(\.[a-z-]+)?\.json$/,
  /^extension\/media\/[\w/-]+\.(svg|png|css|md|ttf|woff)$/,
  /^extension\/dist\/(extension\.cjs|cli\.js|worker\.js|symbolWorker\.js|demangle\.wasm\.br|reader\.js|shared-\w+\.js|heatline-helper|heatline-run)$/,
  /^extension\/dist\/webview\/\w+\.(js|css|html)$/,
  new RegExp(`^extension/node_modules/koffi/(${koffiFiles.join('|').replaceAll('.', '\\.')})$`),
  /^extension\/node_modules\/@koromix\/koffi-[a-z0-9]+-[a-z0-9]+\/(package\.json|index\.js|\w+\/koffi\.node)$/,
];

/** What a .vsix can't be without. */
const required = [
  'extension/package.json',
  'extension/readme.md',
  'extension/LICENSE.txt',
  'extension/dist/extension.cjs',
  'extension/dist/worker.js',
  'extension/dist/symbolWorker.js',
  'extension/dist/demangle.wasm.br',
  'extension/dist/reader.js',
  'extension/dist/cli.js',
  'extension/dist/webview/page.html',
  'extension/dist/heatline-helper',
  'extension/dist/heatline-run',
  'extension/node_modules/koffi/index.cjs',
];

/** Makes the .vsix for a vsce target and returns its path. */
export async function makePackage(target: string): Promise<string> {
  const platform = koffiPlatforms[target];
  if (platform === undefined) throw new Error(`Unknown target "${target}". Targets: ${Object.keys(koffiPlatforms).join(', ')}.`);
  const staging = path.join(root, 'out', 'package', target);
  fs.rmSync(staging, { recursive: true, force: true });
  fs.mkdirSync(staging, { recursive: true });

  await run(process.execPath, [path.join(root, 'scripts/build.mjs'), '--production', `--outdir=${path.join(staging, 'dist')}`], {
    workingDirectory: root,
  });
  stageManifest(staging);
  for (const name of fs.readdirSync(root)) {
    if (/^\.vscodeignore$|^CHANGELOG\.md$|^LICENSE$|^package\.nls.*\.json$|^l10n$|^media$|^docs$/.test(name)) {
      fs.cpSync(path.join(root, name), path.join(staging, name), { recursive: true });
    }
  }
  fs.writeFileSync(path.join(staging, 'README.md'), packageReadme(fs.readFileSync(path.join(root, 'README.md'), 'utf8')));
  await stageKoffi(staging, platform);

  const vsix = path.join(root, `heatline-${target}.vsix`);
  fs.rmSync(vsix, { force: true });
  const vsce = path.join(root, 'node_modules/@vscode/vsce/vsce');
  const options = ['--target', target, '--out', vsix, '--no-rewrite-relative-links', '--allow-missing-repository'];
  await run(process.execPath, [vsce, 'package', ...options], { workingDirectory: staging });
  try {
    await check(vsix);
  } catch (error) {
    fs.rmSync(vsix);
    throw error;
  }
  return vsix;
}

function stageManifest(staging: string): void {
  const manifest = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')) as Record<string, unknown>;
  const engines = manifest['engines'] as Record<string, string>;
  const staged = Object.fromEntries(Object.entries(manifest).filter(([key]) => !developmentOnly.includes(key)));
  staged['engines'] = { vscode: engines['vscode'] };
  fs.writeFileSync(path.join(staging, 'package.json'), JSON.stringify(staged, null, 2));
}

async function stageKoffi(staging: string, platform: string): Promise<void> {
  const koffi = path.join(root, 'node_modules/koffi');
  const to = path.join(staging, 'node_modules');
  for (const file of koffiFiles) fs.cpSync(path.join(koffi, file), path.join(to, 'koffi', file));

  const name = `@koromix/koffi-${platform}`;
  let installed = path.join(root, 'node_modules', name);
  if (!fs.existsSync(installed)) {
    // Another platform's: npm leaves it out of our own node_modules, and --force fetches it all the same.
    const { version } = JSON.parse(fs.readFileSync(path.join(koffi, 'package.json'), 'utf8')) as { version: string };
    const folder = path.join(root, 'out', 'koffi', `${platform}-${version}`);
    fs.mkdirSync(folder, { recursive: true });
    fs.writeFileSync(path.join(folder, 'package.json'), '{ "private": true }');
    await run(process.execPath, npm('install', '--force', '--ignore-scripts', '--no-save', `${name}@${version}`), {
      workingDirectory: folder,
    });
    installed = path.join(folder, 'node_modules', name);
  }
  fs.cpSync(installed, path.join(to, name), {
    recursive: true,
    filter: (file) => fs.statSync(file).isDirectory() || /^(package\.json|index\.js|koffi\.node)$/.test(path.basename(file)),
  });
}

/** Rejects with all that is wrong with the .vsix. */
async function check(vsix: string): Promise<void> {
  const names = await namesIn(vsix);
  const wrong = [
    ...names.filter((name) => !expected.some((pattern) => pattern.test(name))).map((name) => `unexpected: ${name}`),
    ...required.filter((name) => !names.includes(name)).map((name) => `missing: ${name}`),
  ];
  const natives = names.filter((name) => name.includes('/@koromix/') && name.endsWith('/package.json'));
  if (natives.length !== 1) wrong.push(`koffi for ${natives.length} platforms instead of one`);
  const { size } = fs.statSync(vsix);
  if (size > maximumSize) wrong.push(`${size} bytes, more than ${maximumSize}`);
  if (wrong.length > 0) throw new Error(`${path.basename(vsix)} is not as it should be:\n  ${wrong.join('\n  ')}`);
}

async function namesIn(archive: string): Promise<string[]> {
  const zip = await yauzl.openPromise(archive, { lazyEntries: true });
  const names: string[] = [];
  for await (const entry of zip.eachEntry()) if (!entry.fileName.endsWith('/')) names.push(entry.fileName);
  return names;
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { target: { type: 'string', default: 'linux-x64' } } });
  try {
    const vsix = await makePackage(values.target);
    console.log(`${path.basename(vsix)}: ${(fs.statSync(vsix).size / 1e6).toFixed(2)} MB`);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
