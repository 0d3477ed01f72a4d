/**
 * Makes heatline-VERSION.tgz for npm: the command line without the editor. koffi comes as its dependency, with the binary part of the
 * system that it is installed on and no other (koffi's optional dependencies).
 *
 *   npm run npm-package
 */
import fs from 'node:fs';
import path from 'node:path';
import { npm, root, run } from './command.ts';

/** What is built, and what of it is the command line. */
const bundles = [
  'cli.js',
  'worker.js',
  'symbolWorker.js',
  'demangle.wasm.br',
  'reader.js',
  'webview/page.html',
  'heatline-helper',
  'heatline-run',
];
/** Documents of use in a terminal. */
const documents = [
  'asyncio',
  'callers',
  'coming-from-py-spy',
  'instructions',
  'json',
  'liveStacks',
  'native',
  'permissions',
  'sampling',
  'stream',
];

/** The parts of package.json that are ours there, too. */
interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly bin: Readonly<Record<string, string>>;
  readonly engines: { readonly node: string };
  readonly dependencies: Readonly<Record<string, string>>;
}

/** @returns the path of the package */
export async function makeNpmPackage(): Promise<string> {
  const staging = path.join(root, 'out', 'npm', 'package');
  fs.rmSync(staging, { recursive: true, force: true });
  fs.mkdirSync(staging, { recursive: true });
  const built = path.join(root, 'out', 'npm', 'built');
  await run(process.execPath, [path.join(root, 'scripts/build.mjs'), '--production', `--outdir=${built}`], { workingDirectory: root });
  const shared = fs.readdirSync(built).filter((name) => /^shared-\w+\.js$/.test(name));
  for (const file of [...bundles, ...shared]) copy(path.join(built, file), path.join(staging, 'dist', file));
  for (const name of documents) copy(path.join(root, 'docs', `${name}.md`), path.join(staging, 'docs', `${name}.md`));
  const readme = fs.readFileSync(path.join(root, 'docs', 'terminal.md'), 'utf8');
  fs.writeFileSync(path.join(staging, 'README.md'), readme.replace(/\]\(([\w-]+\.md)/g, '](docs/$1'));
  for (const file of ['LICENSE', 'CHANGELOG.md']) copy(path.join(root, file), path.join(staging, file));
  const { name, version, license, bin, engines, dependencies } = JSON.parse(
    fs.readFileSync(path.join(root, 'package.json'), 'utf8'),
  ) as Manifest;
  const manifest = {
    name,
    version,
    description: 'A sampling profiler for Python that reads running processes from outside: record, top, dump, report.',
    license,
    type: 'module',
    bin,
    engines: { node: engines.node },
    dependencies,
  };
  fs.writeFileSync(path.join(staging, 'package.json'), JSON.stringify(manifest, null, 2));
  await run(process.execPath, npm('pack', '--pack-destination', root), { workingDirectory: staging });
  return path.join(root, `${name}-${version}.tgz`);
}

function copy(from: string, to: string): void {
  fs.mkdirSync(path.dirname(to), { recursive: true });
  fs.copyFileSync(from, to);
}

if (import.meta.main) {
  const file = await makeNpmPackage();
  console.log(`${path.basename(file)}: ${(fs.statSync(file).size / 1e6).toFixed(2)} MB`);
}
