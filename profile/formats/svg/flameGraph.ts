import { type CallTreeOptions, callTree, processOfNode } from '../../callTree.ts';
import { isNative } from '../../delta.ts';
import { hash } from '../../pairTable.ts';
import type { Profile } from '../../profile.ts';
import { librariesOf } from '../../libraries.ts';
import { FOLDED, type WeighedStacks } from '../../weighedStacks.ts';
import { StackWeights } from '../../weights.ts';
import type { WrittenSamples } from '../format.ts';
import { processName } from '../names.ts';
import { type Box, layout, type Limits } from './layout.ts';
import { SCRIPT } from './script.ts';

/** Without a script the picture is as wide, in units of its own, which are scaled. */
const WIDTH = 1200;
const MARGIN = 10;
const BOX_HEIGHT = 16;
const HEADER = 56;
const FOOTER = 40;
/** Of a letter of 12 px in a monospace face; script.ts has it, too. */
const LETTER = 7.25;

const STYLE = `
  svg { background: #fff; color: #1b1b1b; font: 12px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
  text { fill: currentColor; pointer-events: none; white-space: pre; }
  #title { font-size: 17px; text-anchor: middle; }
  #frames g { cursor: pointer; outline: none; }
  #frames text { fill: #1b1b1b; }
  #frames g:hover rect, #frames g:focus rect { stroke: #1b1b1b; stroke-width: 1.5; }
  #frames g.above { opacity: 0.6; }
  #frames g.hit rect { fill: #d04ae0; }
  .button { cursor: pointer; pointer-events: all; text-decoration: underline; }
  .button:focus { font-weight: bold; }
  #search, #matched { text-anchor: end; }
  @media (prefers-color-scheme: dark) {
    svg { background: #1e1e1e; color: #ddd; }
    #frames g:hover rect, #frames g:focus rect { stroke: #fff; }
  }
`;

/**
 * A flame graph as one SVG file that needs nothing else: root on top, boxes as wide as their share of the time, children from the
 * one with the most time to the one with the least. It zooms and searches by a script of its own, and tells names and figures
 * without it, too.
 */
export function* flameGraphSvg(profile: Profile, samples: WrittenSamples = {}, limits?: Limits): Generator<string, void> {
  const byProcess = profile.processes.length > 1;
  yield* weighedSvg(new StackWeights(profile, samples, { byProcess }), { by: 'line', byProcess }, limits);
}

/** The same of stacks as they are shown: filtered, and with steps taken. */
export function* weighedSvg(
  weights: WeighedStacks,
  options: Pick<CallTreeOptions, 'by' | 'byProcess' | 'inverted'>,
  limits?: Limits,
): Generator<string, void> {
  const { profile } = weights;
  const tree = callTree(weights, options);
  const { boxes, levels, leftOut } = layout(tree, limits);
  const height = HEADER + levels * BOX_HEIGHT + FOOTER;
  const title = profile.processes[0]?.name ?? 'Python';
  yield `<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" version="1.1" width="100%" height="${height}" viewBox="0 0 ${WIDTH} ${height}" data-height="${height}">
<title>${escaped(`Flame graph of ${title}`)}</title>
<style>${STYLE}</style>
<text id="title" x="${WIDTH / 2}" y="24">${escaped(title)}</text>
<text id="reset" class="button" role="button" tabindex="0" x="${MARGIN}" y="44" style="display:none">Reset zoom</text>
<text id="search" class="button" role="button" tabindex="0" x="${WIDTH - MARGIN}" y="24" style="display:none">Search</text>
<text id="matched" x="${WIDTH - MARGIN}" y="44"></text>
<g id="frames" role="group" aria-label="Calls">
`;
  for (const box of boxes) yield boxElement(box, profile, tree);
  const note =
    leftOut === 0 ? '' : `<text x="${MARGIN}" y="${height - 6}">${leftOut} calls are too narrow or too deep to be shown.</text>\n`;
  yield `</g>\n<text id="details" x="${MARGIN}" y="${height - 22}" aria-live="polite"> </text>\n${note}`;
  yield `<script type="text/ecmascript"><![CDATA[${SCRIPT}]]></script>\n</svg>\n`;
}

function boxElement({ node, depth, start, share }: Box, profile: Profile, tree: ReturnType<typeof callTree>): string {
  const { name, file, native } = namesOf(node, profile, tree);
  const room = WIDTH - 2 * MARGIN;
  const [x, width, y] = [MARGIN + start * room, share * room, HEADER + depth * BOX_HEIGHT];
  const text = node === 0 || file === '' ? name : `${name} (${file})`;
  const title = `${text}\n${figures(tree.total[node]!, tree.self[node]!, tree.samples[node]!, share)}`;
  return (
    `<g tabindex="-1" role="img" data-d="${depth}" data-x="${fixed(start)}" data-w="${fixed(share)}" data-n="${escaped(text)}">` +
    `<title>${escaped(title)}</title>` +
    `<rect x="${x.toFixed(2)}" y="${y}" width="${Math.max(0.3, width - (width > 3 ? 0.5 : 0)).toFixed(2)}" height="${BOX_HEIGHT - 1}" rx="1" fill="${native ? nativeColour(name, file) : colour(name, file, node)}"/>` +
    `<text x="${(x + 3).toFixed(2)}" y="${y + 12}">${escaped(fitting(text, width))}</text></g>\n`
  );
}

function namesOf(
  node: number,
  profile: Profile,
  { func, line }: ReturnType<typeof callTree>,
): {
  name: string;
  file: string;
  native: boolean;
} {
  if (node === 0) return { name: 'all', file: '', native: false };
  const process = processOfNode(func[node]!);
  if (process !== undefined) return { name: processName(profile, process), file: '', native: false };
  if (func[node]! >= FOLDED) return { name: `▸ ${librariesOf(profile).names[func[node]! - FOLDED] ?? ''}`, file: '', native: false };
  const record = profile.functions[func[node]!]!;
  const { name, file } = record;
  return { name, native: isNative(record), file: file !== '' && line[node]! > 0 ? `${file}:${line[node]!}` : file };
}

function figures(total: number, self: number, samples: number, share: number): string {
  const own = self > 0 ? `, ${seconds(self)} of it itself` : '';
  return `${(share * 100).toFixed(2)} % · ${seconds(total)}${own} · ${samples} sample${samples === 1 ? '' : 's'}`;
}

function seconds(microseconds: number): string {
  return microseconds >= 1e6 ? `${(microseconds / 1e6).toFixed(2)} s` : `${(microseconds / 1e3).toFixed(1)} ms`;
}

/** Of the file, so that a library has one colour; a bit of it of the name. Light enough for dark text in both themes. */
function colour(name: string, file: string, node: number): string {
  if (node === 0 || file === '') return 'hsl(0 0% 78%)';
  const place = hashOf(file.replace(/:\d+$/, ''));
  return `hsl(${(place % 60) + (place % 7 === 0 ? 160 : 0)} ${70 + (hashOf(name) % 20)}% ${66 + (hashOf(name) % 12)}%)`;
}

/** Of native code: violets, which no Python file has. */
function nativeColour(name: string, file: string): string {
  return `hsl(${250 + (hashOf(file) % 30)} ${55 + (hashOf(name) % 20)}% ${70 + (hashOf(name) % 10)}%)`;
}

function hashOf(text: string): number {
  let value = 0;
  for (let at = 0; at < text.length; at++) value = hash(value, text.charCodeAt(at));
  return value >>> 0;
}

function fitting(text: string, width: number): string {
  const letters = Math.floor((width - 6) / LETTER);
  if (letters < 3) return '';
  return text.length <= letters ? text : `${text.slice(0, letters - 1)}…`;
}

function fixed(share: number): string {
  return String(Number(share.toPrecision(12)));
}

/** Text for XML's elements and attributes. Characters that XML has none for, as lone surrogates, become U+FFFD. */
function escaped(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\n', '&#10;');
}
