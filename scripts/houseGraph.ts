/**
 * Draws who imports whom into docs/architecture.md, from the sources' imports: rooms with the floors (folders) of native/, and the
 * floors of native/sampler.
 *
 *   node scripts/houseGraph.ts
 */
import fs from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { root } from './command.ts';
import { isRelative, rooms } from './lint/rooms.ts';

/** Rooms whose floors are drawn one by one. */
const withFloors: readonly string[] = ['native'];
/** Files of such a room that all its floors share: what its messages and failures are. A floor of their own. */
const shared: readonly string[] = ['native/engine.ts', 'native/targetError.ts', 'native/deferred.ts'];
const sharedPlace = 'native/shared';
/** Not part of what is shipped: these may import anything, and do. */
const left: readonly string[] = ['bench', 'scripts', 'test'];

const page = path.join(root, 'docs/architecture.md');
const sampler = 'native/sampler';
/** The pictures on the page, by the line that each stands behind. */
const pictures: ReadonlyMap<string, () => string> = new Map([
  ['<!-- made by scripts/houseGraph.ts -->\n', houseGraph],
  ['<!-- made by scripts/houseGraph.ts: native/sampler -->\n', samplerGraph],
]);
const end = '<!-- end -->\n';

/** An arrow from a place to one that it imports. Places are "native/os" or "cli". */
export type Arrow = readonly [from: string, to: string];

/**
 * The arrows of some files, each once, in alphabetical order.
 * @param files paths from the project's folder on, with "/", and their text
 * @param placeOf the place of a file; null: it is on another picture
 */
export function arrowsOf(
  files: Iterable<readonly [file: string, text: string]>,
  placeOf: (file: string) => string | null = roomOf,
): Arrow[] {
  const found = new Set<string>();
  for (const [file, text] of files) {
    for (const { fileName } of ts.preProcessFile(text).importedFiles) {
      if (!isRelative(fileName)) continue;
      const [from, to] = [placeOf(file), placeOf(path.posix.join(path.posix.dirname(file), fileName))];
      if (from !== null && to !== null && from !== to) found.add(`${from}\n${to}`);
    }
  }
  return [...found].sort().map((arrow) => arrow.split('\n') as [string, string]);
}

/** The Mermaid text of arrows. */
export function mermaidOf(arrows: readonly Arrow[]): string {
  const places = [...new Set(arrows.flat())].sort();
  const isFloor = (place: string): boolean => withFloors.includes(roomFolder(place));
  const lines = ['flowchart TD'];
  for (const room of withFloors) {
    lines.push(`  subgraph ${room}`);
    for (const place of places.filter((one) => roomFolder(one) === room)) lines.push(`    ${idOf(place)}["${labelOf(place)}"]`);
    lines.push('  end');
  }
  for (const place of places.filter((one) => !isFloor(one))) lines.push(`  ${idOf(place)}["${place}/"]`);
  for (const [from, to] of arrows) lines.push(`  ${idOf(from)} --> ${idOf(to)}`);
  return `${lines.join('\n')}\n`;
}

/** The page with the pictures that the sources make. @throws Error when the page has no place for one */
export function withGraphs(text: string): string {
  for (const [begin, graph] of pictures) text = withGraph(text, begin, graph());
  return text;
}

function withGraph(text: string, begin: string, graph: string): string {
  const from = text.indexOf(begin);
  const to = text.indexOf(end, from);
  if (from < 0 || to < 0) throw new Error(`${page} has no lines "${begin.trim()}" and "${end.trim()}"`);
  return `${text.slice(0, from + begin.length)}\`\`\`mermaid\n${graph}\`\`\`\n${text.slice(to)}`;
}

/** The picture of this project. */
function houseGraph(): string {
  return mermaidOf(arrowsOf(sources()));
}

/** The picture of the floors of native/sampler. */
function samplerGraph(): string {
  const arrows = arrowsOf(sources(), samplerFloorOf);
  const lines = [...new Set(arrows.flat())]
    .sort()
    .map((place) => `  ${place}["${place === 'loop' ? 'session.ts, sampler.ts …' : `${place}/`}"]`);
  return ['flowchart TD', ...lines, ...arrows.map(([from, to]) => `  ${from} --> ${to}`), ''].join('\n');
}

function samplerFloorOf(file: string): string | null {
  if (!file.startsWith(`${sampler}/`)) return null;
  const [floor, inside] = file.slice(sampler.length + 1).split('/');
  return inside === undefined ? 'loop' : floor!;
}

function* sources(): Generator<readonly [string, string]> {
  for (const { folder } of rooms) {
    if (folder.includes('/') || left.includes(folder)) continue;
    for (const entry of fs.readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })) {
      const file = `${folder}/${entry.split(path.sep).join('/')}`;
      if (!file.endsWith('.ts') || file.endsWith('.test.ts') || isForTests(file)) continue;
      yield [file, fs.readFileSync(path.join(root, file), 'utf8')];
    }
  }
}

/** What only tests import: made-up targets, fixtures, the driven page. */
function isForTests(file: string): boolean {
  return /\/(testing|dev)\//.test(file) || file.endsWith('Fixture.ts');
}

function roomOf(file: string): string {
  if (shared.includes(file)) return sharedPlace;
  const [room, floor, inside] = file.split('/');
  return withFloors.includes(room!) && inside !== undefined ? `${room}/${floor}` : room!;
}

function roomFolder(place: string): string {
  return place.split('/')[0]!;
}

function idOf(place: string): string {
  return place.replace('/', '_') + (withFloors.includes(place) ? '_files' : '');
}

function labelOf(place: string): string {
  if (place === sharedPlace) return shared.map((file) => path.posix.basename(file)).join(', ');
  return place.includes('/') ? `${place.slice(place.indexOf('/') + 1)}/` : 'index.ts, worker.ts …';
}

if (import.meta.main) fs.writeFileSync(page, withGraphs(fs.readFileSync(page, 'utf8')));
