import { Libraries } from '../../profile/libraries.ts';
import { NO_QUALITY, Profile } from '../../profile/profile.ts';
import { ROOT, type FunctionColumns, type FunctionsMessage, type TreeColumns } from '../messages.ts';

/** Always the same numbers from 0 to 1 for the same seed (mulberry32). */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface SampleProfile {
  readonly functions: FunctionsMessage;
  readonly nodes: TreeColumns;
  readonly times: FunctionColumns;
  readonly modules: FunctionColumns;
  readonly totalSamples: number;
}

interface Node {
  readonly func: number;
  self: number;
  total: number;
  readonly children: Node[];
}

const MICROSECONDS_PER_SAMPLE = 1000;

/** Times of functions or modules, recursion counted once. */
class Times {
  readonly #self: Float64Array<ArrayBuffer>;
  readonly #total: Float64Array<ArrayBuffer>;
  readonly #open: Int32Array;

  constructor(count: number) {
    this.#self = new Float64Array(count);
    this.#total = new Float64Array(count);
    this.#open = new Int32Array(count);
  }

  enter(at: number, { self, total }: Node): void {
    this.#self[at]! += self;
    if (this.#open[at]!++ === 0) this.#total[at]! += total;
  }

  leave(at: number): void {
    this.#open[at]!--;
  }

  columns(func: readonly number[]): FunctionColumns {
    return {
      func: Int32Array.from(func),
      line: new Int32Array(func.length),
      self: this.#self,
      total: this.#total,
      samples: this.#total.map((time) => Math.round(time / MICROSECONDS_PER_SAMPLE)),
    };
  }
}

function profileOf(root: Node, names: readonly [name: string, file: string, line: number][]): SampleProfile {
  const columns = { parent: [] as number[], func: [] as number[], self: [] as number[], total: [] as number[] };
  const times = new Times(names.length);
  const files = [...new Set(names.map(([, file]) => file))];
  const moduleOf = names.map(([, file]) => files.indexOf(file));
  const modules = new Times(files.length);
  const sum = (node: Node): number => (node.total = node.self + node.children.reduce((before, child) => before + sum(child), 0));
  sum(root);
  const visit = (node: Node, parent: number): void => {
    const at = columns.parent.length;
    columns.parent.push(parent);
    columns.func.push(node.func);
    columns.self.push(node.self);
    columns.total.push(node.total);
    if (node.func >= 0) {
      times.enter(node.func, node);
      modules.enter(moduleOf[node.func]!, node);
    }
    for (const child of node.children.sort((a, b) => b.total - a.total)) visit(child, at);
    if (node.func < 0) return;
    times.leave(node.func);
    modules.leave(moduleOf[node.func]!);
  };
  visit(root, -1);
  const libraries = new Libraries();
  libraries.update(names.map(([name, file, firstLine]) => ({ name, file, firstLine })));
  const nodes = {
    parent: Int32Array.from(columns.parent),
    func: Int32Array.from(columns.func),
    line: new Int32Array(columns.func.length),
    self: Float64Array.from(columns.self),
    total: Float64Array.from(columns.total),
    samples: Float64Array.from(columns.total, (time) => Math.round(time / MICROSECONDS_PER_SAMPLE)),
  };
  return {
    nodes,
    totalSamples: nodes.samples[0]!,
    times: times.columns([...names.keys()]),
    modules: modules.columns(files.map((_, module) => moduleOf.indexOf(module))),
    functions: {
      type: 'functions',
      first: 0,
      firstFile: 0,
      names: names.map(([name]) => name),
      newFiles: files,
      files: Int32Array.from(names, ([, file]) => files.indexOf(file)),
      firstLines: Int32Array.from(names, ([, , line]) => line),
      native: new Uint8Array(names.length),
      libraries: Int32Array.from(libraries.ofFunction),
      firstLibrary: 0,
      newLibraries: libraries.names,
    },
  };
}

/** What would have been recorded so: each box's own time is one sample of its stack. */
export function recordedProfile({ nodes, functions }: SampleProfile): Profile {
  const { names, newFiles, files, firstLines } = functions;
  const own = [...nodes.self.keys()].filter((node) => nodes.self[node]! > 0);
  const profile = new Profile();
  profile.append({
    sequence: 0,
    until: nodes.total[0]!,
    processes: [
      {
        pid: 4154,
        parent: null,
        name: 'serve.py',
        commandLine: [],
        executable: '',
        workingDirectory: null,
        pythonVersion: '3.13.1',
        startedAt: 0,
      },
    ],
    threads: [{ process: 0, osThreadId: 4154, pythonThreadId: '1', interpreterId: 0, name: 'MainThread', isMain: true, startedAt: 0 }],
    threadChanges: [],
    functions: names.map((name, func) => ({ name, file: newFiles[files[func]!]!, firstLine: firstLines[func]! })),
    frames: { functions: Uint32Array.from(names.keys()), lines: Uint32Array.from(firstLines) },
    stacks: { parents: Uint32Array.from(nodes.parent.subarray(1)), frames: Uint32Array.from(nodes.func.subarray(1)) },
    runs: {
      threads: new Uint32Array(own.length),
      stacks: Uint32Array.from(own),
      starts: new Float64Array(own.length),
      durations: Float64Array.from(own, (node) => nodes.self[node]!),
      counts: Uint32Array.from(own, (node) => Math.max(1, Math.round(nodes.self[node]! / MICROSECONDS_PER_SAMPLE))),
      cpu: new Float64Array(own.length),
      flags: new Uint8Array(own.length),
    },
    quality: NO_QUALITY,
  });
  return profile;
}

/** A random tree of exactly so many nodes below the root, as wide and deep as a big program's. */
export function largeSample(count: number, seed = 1): SampleProfile {
  const next = random(seed);
  const names = Array.from({ length: 3000 }, (_, id): [string, string, number] => {
    const place = ['/home/ada/shop/', '/usr/lib/python3.13/', '/home/ada/.venv/lib/python3.13/site-packages/'][Math.floor(next() * 3)]!;
    return [
      `${['load', 'parse', 'update', 'render', 'find', 'merge'][id % 6]!}_${['orders', 'items', 'page', 'index', 'cache'][id % 5]!}_${id}`,
      `${place}module_${id % 97}.py`,
      1 + (id % 900),
    ];
  });
  const root: Node = { func: ROOT, self: 0, total: 0, children: [] };
  const all: Node[] = [root];
  const depth = new Map([[root, 0]]);
  while (all.length <= count) {
    // Mostly go on where the last one was, so that stacks get deep; at times start elsewhere.
    const parent = next() < 0.72 ? all.at(-1)! : all[Math.floor(next() ** 2 * all.length)]!;
    if (depth.get(parent)! > 90) {
      all.push(all[Math.floor(next() * all.length)]!);
      all.pop();
    }
    const child: Node = {
      func: Math.floor(next() ** 3 * names.length),
      self: (0.2 + next() ** 6 * 60) * MICROSECONDS_PER_SAMPLE,
      total: 0,
      children: [],
    };
    const home = depth.get(parent)! > 90 ? root : parent;
    if (home.children.some((sibling) => sibling.func === child.func)) continue;
    home.children.push(child);
    depth.set(child, depth.get(home)! + 1);
    all.push(child);
  }
  return profileOf(root, names);
}

/** What a small web service looks like. */
export function realisticSample(scale = 1): SampleProfile {
  const names: [string, string, number][] = [];
  const ids = new Map<string, number>();
  const f = (name: string, file: string, line: number): number => {
    const key = `${name}|${file}`;
    if (!ids.has(key)) {
      ids.set(key, names.length);
      names.push([name, file, line]);
    }
    return ids.get(key)!;
  };
  const lib = (module: string): string => `/usr/lib/python3.13/${module}.py`;
  const site = (module: string): string => `/home/ada/shop/.venv/lib/python3.13/site-packages/${module}.py`;
  const own = (module: string): string => `/home/ada/shop/${module}.py`;
  const node = (func: number, self: number, ...children: Node[]): Node => ({
    func,
    self: self * scale * MICROSECONDS_PER_SAMPLE,
    total: 0,
    children,
  });
  const thread = (...children: Node[]): Node =>
    node(
      f('Thread._bootstrap', lib('threading'), 1014),
      0,
      node(f('Thread._bootstrap_inner', lib('threading'), 1043), 2, node(f('Thread.run', lib('threading'), 994), 1, ...children)),
    );
  const price = (self: number): Node =>
    node(
      f('Basket.total', own('shop/basket'), 41),
      self * 0.3,
      node(
        f('Basket.total.<locals>.<genexpr>', own('shop/basket'), 44),
        self,
        node(f('Price.with_tax', own('shop/price'), 18), self * 1.8),
        node(f('Decimal.quantize', lib('_pydecimal'), 2481), self * 0.9),
      ),
    );
  const query = (self: number): Node =>
    node(
      f('Session.execute', site('sqlalchemy/orm/session'), 2263),
      4,
      node(
        f('Connection._execute_context', site('sqlalchemy/engine/base'), 1791),
        6,
        node(f('DefaultDialect.do_execute', site('sqlalchemy/engine/default'), 921), self),
        node(
          f('Result.fetchall', site('sqlalchemy/engine/result'), 1320),
          self * 0.4,
          node(f('_instance_processor.<locals>._instance', site('sqlalchemy/orm/loading'), 1020), self * 0.3),
        ),
      ),
    );
  const root = node(
    ROOT,
    3,
    node(
      f('<module>', own('serve'), 1),
      1,
      node(
        f('main', own('serve'), 88),
        2,
        node(
          f('Server.serve_forever', lib('socketserver'), 215),
          48,
          node(
            f('Application.__call__', own('shop/app'), 30),
            9,
            node(
              f('Router.dispatch', own('shop/router'), 57),
              12,
              node(
                f('show_basket', own('shop/views'), 101),
                6,
                price(190),
                query(120),
                node(
                  f('render', own('shop/templates'), 12),
                  14,
                  node(
                    f('Template.render', site('jinja2/environment'), 1279),
                    22,
                    node(f('root', '<template>', 5), 60, node(f('escape', site('markupsafe/__init__'), 33), 48)),
                  ),
                ),
              ),
              node(
                f('list_orders', own('shop/views'), 140),
                5,
                query(210),
                node(
                  f('sorted_by_date', own('shop/views'), 166),
                  30,
                  node(f('sorted_by_date.<locals>.<lambda>', own('shop/views'), 168), 66),
                ),
              ),
            ),
            node(
              f('Logger.info', lib('logging/__init__'), 1510),
              4,
              node(f('Logger._log', lib('logging/__init__'), 1640), 12, node(f('StreamHandler.emit', lib('logging/__init__'), 1141), 33)),
            ),
          ),
        ),
      ),
    ),
    thread(
      node(
        f('refresh_exchange_rates', own('shop/rates'), 22),
        8,
        node(
          f('Session.get', site('requests/sessions'), 592),
          3,
          node(f('HTTPConnection.getresponse', lib('http/client'), 1395), 2, node(f('SocketIO.readinto', lib('socket'), 707), 96)),
        ),
      ),
    ),
    thread(
      node(
        f('Indexer.run', own('shop/search'), 60),
        14,
        node(f('tokenise', own('shop/search'), 92), 120, node(f('Pattern.finditer', '<string>', 1), 70)),
        node(f('Indexer.add', own('shop/search'), 75), 88),
      ),
    ),
    node(
      f('_find_and_load', '<frozen importlib._bootstrap>', 1349),
      7,
      node(f('_call_with_frames_removed', '<frozen importlib._bootstrap>', 480), 9),
    ),
  );
  return profileOf(root, names);
}
