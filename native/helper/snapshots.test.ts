import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decodeMessage, encodeMessage, type HelperMessage } from './messages.ts';
import { MessageError } from './parse.ts';
import { type Looked, packLooked, parseLooked } from './snapshots.ts';

type Saw<Kind> = { readonly type: 'looked' } & Extract<Looked, { kind: Kind }>;

const places = [
  { function: 'main', file: '/app.py', line: 3 },
  { function: 'fetch', file: '/app.py', line: 0 },
];
const common = { pid: 7, pythonVersion: '3.14.0', workingDirectory: '/', isImported: true, unreadable: 1, isCut: false };
const task = {
  name: 'n\u2603',
  condition: 'waiting',
  loop: 0,
  stack: places,
  awaits: 'Future',
  awaitedBy: [1],
  moved: true,
  complete: false,
} as const;
const tasks: Saw<'tasks'> = {
  type: 'looked', kind: 'tasks',
  snapshot: { ...common, exact: true, loops: [{ type: 'Loop', interpreterId: 2, threadId: null, threadName: null }], tasks: [task, { ...task, awaitedBy: [], stack: [places[1]!] }] },
}; // prettier-ignore
const greenlet = { type: 'greenlet', id: '0x1', condition: 'suspended', stack: places, parent: -1, moved: false, complete: true } as const;
const greenlets: Saw<'greenlets'> = {
  type: 'looked',
  kind: 'greenlets',
  snapshot: { ...common, workingDirectory: null, greenlets: [greenlet, { ...greenlet, stack: [], parent: 0, condition: 'running' }] },
};

const local = { name: 'n', address: '0x1', isArgument: true, kind: 'cell', text: '[1, 2]' } as const;
const thread = {
  ...({ osThreadId: 7, pythonThreadId: '140000000000000', interpreterId: 0, name: null, state: 'ready', holdsGil: true } as const),
  ...{ collects: false, problem: 'torn', wait: { what: 'Lock 0x1', owner: 1, why: null }, native: null },
  frames: [
    { function: 'f', file: '/app.py', line: 3, expression: { line: 3, endLine: 4, start: 2, end: 1 }, locals: [local] },
    { function: 'main', file: '/app.py', line: 0, expression: null, locals: null },
  ],
};
const threads: Saw<'threads'> = {
  type: 'looked',
  kind: 'threads',
  snapshot: {
    threads: {
      ...{ pid: 7, parentPid: null, commandLine: ['python', 'a\u2603'], executable: '/usr/bin/python3', workingDirectory: null },
      ...{ pythonVersion: '3.14.0', core: null, problems: ['thread 7: torn'] },
      moment: { isInstant: true, how: 'paused', pause: 55, why: null },
      threads: [thread, { ...thread, osThreadId: 8, wait: null, problem: null }],
    },
    tasks: { snapshot: tasks.snapshot },
    greenlets: { failure: { code: 'not-visible', pid: 7, version: '3.14.0t', what: 'greenlets', reason: 'free-threaded' } },
  },
};
const onlyThreads: Saw<'threads'> = {
  ...threads,
  snapshot: { ...threads.snapshot, tasks: null, greenlets: { snapshot: greenlets.snapshot } },
};

function bytesOf(message: HelperMessage): Buffer {
  return Buffer.from(encodeMessage(message)).subarray(4);
}

describe('what a helper saw', () => {
  it('arrives as it was', () => {
    for (const message of [tasks, greenlets, threads, onlyThreads]) assert.deepEqual(decodeMessage(bytesOf(message)), message);
  });

  it('has each place once', () => {
    const many = { ...tasks, snapshot: { ...tasks.snapshot, tasks: Array.from({ length: 10_000 }, () => task) } };
    assert(JSON.stringify(packLooked(many)).length < 10_000 * 150);
    assert.deepEqual(decodeMessage(bytesOf(many)), many);
  });

  it('is refused when it names what is not there, or is no such thing', () => {
    const packed = JSON.parse(JSON.stringify(packLooked(tasks))) as { snapshot: { tasks: Record<string, unknown>[] } };
    const wrong: readonly (readonly [string, unknown])[] = [
      ['loop', 1],
      ['loop', -1],
      ['awaitedBy', [2]],
      ['awaitedBy', [0.5]],
      ['awaitedBy', null],
      ['stack', [2]],
      ['stack', ['0']],
      ['condition', 'asleep'],
      ['name', 5],
      ['moved', 1],
    ];
    for (const [field, value] of wrong) {
      const [first, ...others] = packed.snapshot.tasks;
      const changed = { ...packed, snapshot: { ...packed.snapshot, tasks: [{ ...first, [field]: value }, ...others] } };
      assert.throws(() => parseLooked(changed), MessageError, `${field} ${JSON.stringify(value)}`);
    }
    const other = JSON.parse(JSON.stringify(packLooked(greenlets))) as { snapshot: { greenlets: Record<string, unknown>[] } };
    for (const parent of [2, -2, null])
      assert.throws(
        () => parseLooked({ ...other, snapshot: { ...other.snapshot, greenlets: [{ ...other.snapshot.greenlets[0], parent }] } }),
        MessageError,
      );
    const seen = JSON.parse(JSON.stringify(packLooked(threads))) as { snapshot: { threads: { threads: Record<string, unknown>[] } } };
    for (const [field, value] of [
      ['osThreadId', -1],
      ['pythonThreadId', 7],
      ['state', 'asleep'],
      ['frames', {}],
      ['frames', [{ ...thread.frames[0], line: 1.5 }]],
      ['frames', [{ ...thread.frames[0], locals: [{ ...local, kind: 'global' }] }]],
      ['frames', [{ ...thread.frames[0], expression: { line: 1 } }]],
      ['wait', { what: 'Lock', owner: 2, why: null }],
      ['wait', 'Lock'],
    ] as const) {
      const [first, ...others] = seen.snapshot.threads.threads;
      const changed = { ...seen.snapshot.threads, threads: [{ ...first, [field]: value }, ...others] };
      assert.throws(
        () => parseLooked({ ...seen, snapshot: { ...seen.snapshot, threads: changed } }),
        MessageError,
        `${field} ${JSON.stringify(value)}`,
      );
    }
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom('tasks', 'greenlets', 'threads'), (value, kind) => {
        try {
          parseLooked({ kind, snapshot: value });
        } catch (error) {
          assert(error instanceof MessageError);
        }
      }),
    );
  });
});
