import { ProfileFormatError } from '../profileFormatError.ts';
import type { ProfileReader } from './format.ts';
import { bad, column, finite, list, mapped, object, text } from './json.ts';
import { JsonReader, type Shape } from './jsonReader.ts';
import { ProfileBuilder } from './profileBuilder.ts';
import type { SavedProfile } from './savedProfile.ts';

const shape: Shape = {
  nodes: { id: true, parent: true, children: true, callFrame: { functionName: true, url: true, lineNumber: true } },
  startTime: true,
  endTime: true,
  samples: true,
  timeDeltas: true,
};

interface CallNode {
  readonly path: string;
  readonly frame: number;
  /** Of V8's own: `(root)`, and `(idle)` and `(program)` with no function. */
  readonly isNothing: boolean;
  parent: number | undefined;
  stack: number | undefined;
}

/** Reads V8's CPU profiles (.cpuprofile). Each function counts at the line where it begins: others are not known by time. */
export class CpuProfileReader implements ProfileReader {
  readonly #json = new JsonReader(shape);

  push(bytes: Uint8Array): void {
    this.#json.push(bytes);
  }

  end(): SavedProfile {
    const root = object(this.#json.end(), 'the file');
    const builder = new ProfileBuilder();
    const nodes = readNodes(root['nodes'], builder);
    const samples = list(root['samples'], 'samples');
    const deltas = column(root['timeDeltas'], samples.length, 'timeDeltas');
    const thread = builder.thread({ process: builder.process({}), isMain: true });
    let at = 0;
    for (let i = 0; i < samples.length; i++) {
      at += finite(deltas.at(i), `timeDeltas[${i}]`);
      const node = nodes.get(finite(samples.at(i), `samples[${i}]`)) ?? bad(`samples[${i}]`, 'is no node');
      // A sample holds until the next one; time may go back a little in V8's own.
      const until = i + 1 < samples.length ? at + finite(deltas.at(i + 1), `timeDeltas[${i + 1}]`) : endOf(root, at);
      if (until > at) builder.run(thread, stackOf(node, nodes, builder), at, until - at);
    }
    return builder.end();
  }
}

function endOf(root: Readonly<Record<string, unknown>>, at: number): number {
  const { startTime, endTime } = root;
  return typeof startTime === 'number' && typeof endTime === 'number' && Number.isFinite(endTime - startTime) ? endTime - startTime : at;
}

function readNodes(value: unknown, builder: ProfileBuilder): Map<number, CallNode> {
  const nodes = new Map<number, CallNode>();
  const links: [parent: number, child: number, path: string][] = [];
  mapped(list(value, 'nodes'), (one, i) => {
    const path = `nodes[${i}]`;
    const node = object(one, path);
    const id = finite(node['id'], `${path}.id`);
    if (nodes.has(id)) bad(`${path}.id`, 'is another node’s, too');
    const callFrame = object(node['callFrame'], `${path}.callFrame`);
    const name = text(callFrame['functionName'], `${path}.callFrame.functionName`);
    const url = typeof callFrame['url'] === 'string' ? callFrame['url'] : '';
    const { lineNumber } = callFrame;
    const line =
      typeof lineNumber === 'number' && Number.isInteger(lineNumber) && lineNumber >= 0 && lineNumber < 2 ** 31 - 1 ? lineNumber + 1 : 0;
    const isNothing = url === '' && ['(root)', '(idle)', '(program)'].includes(name);
    const frame = isNothing ? -1 : builder.frame(name === '' ? '(anonymous)' : name, localPath(url), line, line);
    nodes.set(id, { path, frame, isNothing, parent: undefined, stack: undefined });
    if (node['parent'] !== undefined) links.push([finite(node['parent'], `${path}.parent`), id, path]);
    if (node['children'] !== undefined)
      mapped(list(node['children'], `${path}.children`), (child, at) => links.push([id, finite(child, `${path}.children[${at}]`), path]));
  });
  if (nodes.size === 0) throw new ProfileFormatError('This is not a CPU profile Heatline can read: nodes is empty.');
  for (const [parent, child, path] of links) {
    const node = nodes.get(child) ?? bad(path, 'has a child that does not exist');
    if (!nodes.has(parent)) bad(path, 'has a parent that does not exist');
    if (node.parent !== undefined && node.parent !== parent) bad(path, 'has a child that another node has, too');
    node.parent = parent;
  }
  return nodes;
}

/** The stack's id, which the nodes on the way get, too. */
function stackOf(node: CallNode, nodes: ReadonlyMap<number, CallNode>, builder: ProfileBuilder): number {
  const above: CallNode[] = [];
  let at: CallNode | undefined = node;
  while (at !== undefined && at.stack === undefined) {
    if (above.length > nodes.size) bad(node.path, 'is above itself');
    above.push(at);
    at = at.parent === undefined ? undefined : nodes.get(at.parent);
  }
  let stack = at?.stack ?? 0;
  for (const one of above.reverse()) one.stack = stack = one.isNothing ? stack : builder.stack(stack, one.frame);
  return stack;
}

function localPath(url: string): string {
  if (!url.startsWith('file:///')) return url;
  try {
    return decodeURIComponent(url.slice('file://'.length));
  } catch {
    return url;
  }
}
