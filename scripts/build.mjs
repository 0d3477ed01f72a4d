// Bundles the extension, the sampling worker, the thread that reads files, the command line and the webview with esbuild.
//
//   node scripts/build.mjs [--watch] [--production] [--outdir=FOLDER]
import * as esbuild from 'esbuild';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync } from 'node:zlib';
import { pageBundle, pageTemplate } from './pageTemplate.ts';
import { speedscopeBundle } from './speedscopeBundle.ts';

const watch = process.argv.includes('--watch');
const production = process.argv.includes('--production');
const outdir = process.argv.find((argument) => argument.startsWith('--outdir='))?.slice('--outdir='.length) ?? 'dist';

/** @type {esbuild.BuildOptions} */
const common = {
  bundle: true,
  sourcemap: production ? false : 'linked',
  minify: production,
  logLevel: 'info',
  target: 'node20',
};

/** @type {esbuild.BuildOptions[]} */
const bundles = [
  {
    // VS Code's extension host loads the main file with require.
    ...common,
    entryPoints: { extension: 'src/extension.ts' },
    outdir,
    outExtension: { '.js': '.cjs' },
    platform: 'node',
    format: 'cjs',
    external: ['vscode', 'koffi'],
    // The extension finds its workers beside itself; import.meta does not exist in CommonJS.
    define: { 'import.meta.url': 'importMetaUrl' },
    banner: { js: "const importMetaUrl = require('node:url').pathToFileURL(__filename).href;" },
  },
  {
    ...common,
    // Most of what they are made of they have in common, which is there once. It lies beside them: they look for files beside themselves.
    entryPoints: { cli: 'cli/main.ts', worker: 'native/worker.ts', reader: 'src/sessions/reader.ts' },
    splitting: true,
    chunkNames: 'shared-[hash]',
    outdir,
    platform: 'node',
    format: 'esm',
    external: ['koffi'],
    // Their licences go with them.
    banner: {
      js: [
        `/*! With commander (github.com/tj/commander.js):\n\n${licenceOf('commander', 'LICENSE')}*/`,
        `/*! With get-east-asian-width (github.com/sindresorhus/get-east-asian-width):\n\n${licenceOf('get-east-asian-width', 'license')}*/`,
      ].join('\n'),
    },
  },
  {
    ...common,
    entryPoints: { symbolWorker: 'native/symbols/symbolWorker.ts' },
    outdir,
    platform: 'node',
    format: 'esm',
    banner: {
      js: [
        `/*! With gecko-profiler-demangle (github.com/mstange/gecko-profiler-demangle):\n\n${licenceOf('gecko-profiler-demangle', 'LICENSE-MIT')}*/`,
        // Its licence is in its code.
        '/*! With xz-decompress (github.com/httptoolkit/xz-decompress): MIT licence, Tim Perry and Steve Sanderson */',
        // It is a CommonJS package, which requires a part of Node.
        "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
      ].join('\n'),
    },
  },
  {
    ...common,
    entryPoints: { flameGraph: 'webview/main.ts', speedscopePage: 'webview/speedscope.ts' },
    outdir: `${outdir}/webview`,
    platform: 'browser',
    format: 'iife',
    target: 'es2022',
    loader: { '.css': 'css' },
  },
  {
    ...pageBundle,
    minify: true, // it is in every file
    logLevel: 'info',
    plugins: [
      {
        name: 'page',
        setup: ({ onEnd }) =>
          onEnd(({ outputFiles = [] }) => {
            if (outputFiles.length > 0) writeFileSync(`${outdir}/webview/page.html`, pageTemplate(outputFiles));
          }),
      },
    ],
  },
];

/**
 * @param {string} name of a package whose main file lies beside its licence
 * @param {string} file what that is called
 */
function licenceOf(name, file) {
  return readFileSync(path.join(path.dirname(fileURLToPath(import.meta.resolve(name))), file), 'utf8');
}

mkdirSync(`${outdir}/webview`, { recursive: true });
// Their names are others with each change.
for (const name of readdirSync(outdir)) if (/^shared-\w+\.js(\.map)?$/.test(name)) rmSync(path.join(outdir, name));
copyFileSync('native/helper/heatline-helper.sh', `${outdir}/heatline-helper`);
copyFileSync('cli/heatline-run.sh', `${outdir}/heatline-run`);
// A quarter smaller than what the packages make of it.
writeFileSync(
  `${outdir}/demangle.wasm.br`,
  brotliCompressSync(readFileSync(fileURLToPath(import.meta.resolve('gecko-profiler-demangle/index_bg.wasm')))),
);

const speedscope = speedscopeBundle();
writeFileSync(`${outdir}/webview/speedscope.js`, speedscope.js);
writeFileSync(`${outdir}/webview/speedscope.css`, speedscope.css);

if (watch) {
  for (const options of bundles) await (await esbuild.context(options)).watch();
} else {
  const results = await Promise.allSettled(bundles.map((options) => esbuild.build(options)));
  // esbuild has said itself what is wrong.
  if (results.some((result) => result.status === 'rejected')) process.exitCode = 1;
}
