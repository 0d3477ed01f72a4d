import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = path.dirname(fileURLToPath(import.meta.resolve('speedscope/package.json')));
/** How speedscope is told where its profile is: there is no address of ours in a webview that could say it. */
const hash = 'window.location.hash';

/**
 * speedscope's bundle as its package has it, to be shown by webview/speedscope.ts: without its font, its example and its reader of JFR's
 * files (Java's), and told that a script brings the profile.
 * @throws Error if a new version of it is not made as the one that we know
 */
export function speedscopeBundle(): { readonly js: string; readonly css: string } {
  const licence = `/*! speedscope (github.com/jlfwong/speedscope):\n\n${fs.readFileSync(path.join(folder, 'LICENSE'), 'utf8')}*/\n`;
  const js = released('.js').replace(/^\/\/# sourceMappingURL.*$/m, '');
  if (js.split(hash).length !== 2) throw new Error(`speedscope does not look once at ${hash} any more: see scripts/speedscopeBundle.ts`);
  const css = released('.css').replaceAll(/@font-face\{[^}]*\}|^\/\*# sourceMappingURL.*$/gm, '');
  return { js: licence + js.replace(hash, '"#localProfilePath=none"'), css: licence + css };
}

/** The one file with an ending that has a hash in its name. */
function released(ending: '.js' | '.css'): string {
  const release = path.join(folder, 'dist/release');
  const names = fs.readdirSync(release).filter((name) => name.startsWith('speedscope-') && name.endsWith(ending));
  if (names.length !== 1) throw new Error(`speedscope's package has ${names.length} files speedscope-*${ending}, not one`);
  return fs.readFileSync(path.join(release, names[0]!), 'utf8');
}
