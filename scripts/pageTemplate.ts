import { createHash } from 'node:crypto';
import path from 'node:path';
import * as esbuild from 'esbuild';
import { generator, profileId, profileMark, setupId, setupMark } from '../profile/formats/html/page.ts';
import { root } from './command.ts';

/** How the page of profiles is bundled; its output is text for `pageTemplate`. */
export const pageBundle = {
  entryPoints: { page: path.join(root, 'page', 'main.ts') },
  bundle: true,
  write: false,
  outdir: 'out',
  platform: 'browser',
  format: 'iife',
  target: 'es2022',
  loader: { '.css': 'css' },
  sourcemap: false,
} as const satisfies esbuild.BuildOptions;

/**
 * The page that shows a profile by itself, without one. It may run its one script and load nothing at all.
 * @param files of a build of `pageBundle`
 */
export function pageTemplate(files: readonly esbuild.OutputFile[]): string {
  const [script, style] = ['.js', '.css'].map((ending) => files.find(({ path: file }) => file.endsWith(ending))?.text.trim());
  if (script === undefined || style === undefined) throw new Error('The page has no script or no style.');
  // What would end its element, or begin something else in it (the HTML standard, "script data" states).
  if (/<\/script|<!--/i.test(script) || /<\/style/i.test(style)) throw new Error('The page’s script or style can’t be in an element.');
  const policy = `default-src 'none'; script-src ${hash(script)}; style-src ${hash(style)}; worker-src blob:; base-uri 'none'; form-action 'none'`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
${generator}
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Heatline</title>
<style>${style}</style>
</head>
<body>
<main id="app"><noscript>This page draws its profile by a script, which this browser may not run.</noscript></main>
<script type="application/json" id="${setupId}">${setupMark}</script>
<script type="application/json" id="${profileId}">${profileMark}</script>
<script>${script}</script>
</body>
</html>
`;
}

function hash(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
