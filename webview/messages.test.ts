import assert from 'node:assert/strict';
import fc from 'fast-check';
import { processNode } from '../profile/callTree.ts';
import type { Transform } from '../profile/transforms/transform.ts';
import { FOLDED } from '../profile/weighedStacks.ts';
import type { HostMessage, PageMessage } from './messages.ts';
import { parseHostMessage } from './parseHostMessage.ts';
import { parsePageMessage } from './parsePageMessage.ts';
import { ALL_SAMPLES, DEFAULT_QUERY } from './query.ts';

const quality = {
  samples: 10,
  ticks: 5,
  partial: 0,
  lost: 0,
  missed: 1,
  elapsed: 1e6,
  samplesPerSecond: 9.5,
  requestedRate: 0,
  stops: 3,
  stoppedTime: 40,
  shareError: null,
  noStops: null,
  coarseUntil: 0,
  shortestStep: 0,
  longestStep: 0,
};
const nodes = {
  parent: Int32Array.of(-1, 0, 0),
  func: Int32Array.of(-1, 0, -2),
  line: Int32Array.of(0, 7, 0),
  self: Float64Array.of(0, 5, 0),
  total: Float64Array.of(7, 5, 2),
  samples: Float64Array.of(7, 5, 3),
};
const times = {
  func: Int32Array.of(0),
  line: Int32Array.of(7),
  self: Float64Array.of(5),
  total: Float64Array.of(5),
  samples: Float64Array.of(5),
};

const bands = {
  onCpu: Uint8Array.of(255, 0),
  ready: Uint8Array.of(0, 0),
  waiting: Uint8Array.of(0, 255),
  holdsGil: Uint8Array.of(128, 0),
  collectsGarbage: Uint8Array.of(1, 0),
};

const fromHost: HostMessage[] = [
  {
    type: 'setup',
    title: 'app.py',
    language: 'de',
    translations: { Zoom: 'Zoomen' },
    query: { ...DEFAULT_QUERY, onCpuOnly: true, range: { start: 1.5, end: 2e6 } },
    samplesKnown: true,
  },
  {
    type: 'functions',
    first: 3,
    firstFile: 1,
    names: ['f', 'g'],
    files: Int32Array.of(0, 1),
    firstLines: Int32Array.of(1, 2),
    native: new Uint8Array(2),
    newFiles: ['a.py'],
    libraries: Int32Array.of(-1, 1),
    firstLibrary: 1,
    newLibraries: ['numpy'],
  },
  {
    type: 'participants',
    processes: [{ pid: 7, name: 'app', pythonVersion: '3.12', startedAt: 0 }],
    threads: [
      { process: 0, name: 'Main', osThreadId: 7, startedAt: 0, endedAt: null },
      { process: 0, name: 'Pool-1', osThreadId: 8, startedAt: 1200.5, endedAt: 9000 },
    ],
  },
  { type: 'status', state: 'ended', endMessage: 'The process ended.', quality },
  {
    type: 'tree',
    query: 2,
    hiddenNodes: 3,
    totalSamples: 7,
    samplesBeforeSteps: 9,
    totalTime: 7,
    callers: null,
    nodes,
    functions: times,
    modules: times,
  },
  {
    type: 'tree',
    query: 2,
    hiddenNodes: 0,
    totalSamples: 7,
    samplesBeforeSteps: 9,
    totalTime: 7,
    callers: nodes,
    nodes: { ...nodes, parent: Int32Array.of(-1, 0, 1), func: Int32Array.of(-1, processNode(1), 0) },
    functions: times,
    modules: times,
  },
  { type: 'samples', samples: { ...ALL_SAMPLES, scope: { kind: 'thread', id: 2 }, readyOnly: true, gilOnly: true } },
  { type: 'samples', samples: { ...ALL_SAMPLES, scope: { kind: 'threads', ids: [0, 2, 7] }, waitingOnly: true, gcOnly: true } },
  {
    type: 'left',
    threads: Float64Array.of(1500, 0),
    states: { onCpuOnly: 1000, readyOnly: 0, waitingOnly: 500, gilOnly: 900, gcOnly: 1, all: 1500 },
  },
  {
    type: 'timeline',
    number: 3,
    until: 5e6,
    range: { start: 0, end: 5e6 },
    columns: 2,
    lanes: [
      { thread: 0, bands, boxes: null },
      { thread: 4, bands, boxes: { row: Uint16Array.of(0), from: Uint16Array.of(0), to: Uint16Array.of(2), func: Uint32Array.of(9) } },
    ],
  },
  { type: 'act', action: 'focusSubtree' },
  { type: 'view', text: 'heatline-view:?cpu=1' },
];
const transforms: readonly Transform[] = [
  { kind: 'focusSubtree', path: [1, 0, FOLDED, 0], inverted: false, byLine: true },
  { kind: 'mergeFunction', func: 3 },
  { kind: 'hideLibrary', library: 'numpy' },
  { kind: 'onlyMine' },
];
const fromPage: PageMessage[] = [
  { type: 'ready' },
  {
    type: 'query',
    number: 4,
    query: { ...DEFAULT_QUERY, scope: { kind: 'process', id: 1 }, onCpuOnly: true, transforms, by: 'line', sandwich: 3 },
  },
  { type: 'detail', path: [1, 0, 2, 0], span: 12.5 },
  { type: 'open', func: 2, line: 0, path: null },
  { type: 'open', func: 2, line: 9, path: [2, 9] },
  { type: 'open', func: 2, line: 9, path: [processNode(3), 0, 2, 9] },
  { type: 'command', command: 'stop' },
  { type: 'timeline', number: 1, range: null, columns: 800, threads: [], open: [] },
  { type: 'timeline', number: 2, range: { start: 0, end: 2.5 }, columns: 1, threads: [0, 3], open: [3] },
];

describe('messages', () => {
  for (const message of fromHost)
    it(`arrive at the page as they were: ${message.type}`, () => assert.deepEqual(parseHostMessage(structuredClone(message)), message));
  for (const message of fromPage)
    it(`arrive at the host as they were: ${message.type}`, () => assert.deepEqual(parsePageMessage(structuredClone(message)), message));

  it('are ignored if they are of no known kind', () => {
    for (const junk of [undefined, null, 1, 'ready', [], {}, { type: 'toString' }, { type: 'tree2' }]) {
      assert.equal(parseHostMessage(junk), undefined);
      assert.equal(parsePageMessage(junk), undefined);
    }
    fc.assert(
      fc.property(fc.anything(), fc.constantFrom(...fromHost, ...fromPage), (junk, { type }) => {
        for (const message of [junk, Object.assign(Object.create(null), junk, { type })]) {
          assert.doesNotThrow(() => [parseHostMessage(message), parsePageMessage(message)]);
        }
      }),
    );
  });

  it('are ignored if any part is missing or of another kind', () => {
    for (const message of [...fromHost, ...fromPage]) {
      const parse = fromHost.includes(message as HostMessage) ? parseHostMessage : parsePageMessage;
      for (const key of Object.keys(message).filter((name) => name !== 'translations')) {
        assert.equal(parse({ ...message, [key]: undefined }), undefined, `${message.type} without ${key}`);
        assert.equal(parse({ ...message, [key]: { odd: true } }), undefined, `${message.type} with an odd ${key}`);
      }
    }
  });

  it('hold no transform that can’t be one', () => {
    const ask = (transform: unknown): unknown => {
      const { query } = fromPage[1] as Extract<PageMessage, { type: 'query' }>;
      return parsePageMessage({ type: 'query', number: 1, query: { ...query, transforms: [transform] } });
    };
    assert.notEqual(ask(transforms[0]), undefined);
    for (const bad of [
      null,
      {},
      { kind: 'other' },
      { kind: 'mergeFunction' },
      { kind: 'mergeFunction', func: -1 },
      { kind: 'hideLibrary', library: 3 },
      { ...transforms[0], path: [1] },
      { ...transforms[0], path: [1, 0.5] },
      { ...transforms[0], inverted: 'no' },
    ])
      assert.equal(ask(bad), undefined, JSON.stringify(bad));
    const many = Array.from({ length: 101 }, () => transforms[3]);
    const { query } = fromPage[1] as Extract<PageMessage, { type: 'query' }>;
    assert.equal(parsePageMessage({ type: 'query', number: 1, query: { ...query, transforms: many } }), undefined);
  });

  it('hold no tree that can’t be one', () => {
    const tree = fromHost[4] as Extract<HostMessage, { type: 'tree' }>;
    const bad: Partial<Record<keyof typeof nodes, Int32Array | Float64Array>>[] = [
      { parent: Int32Array.of(-1, 0, 2) }, // its own parent
      { parent: Int32Array.of(-1, 2, 0) }, // child before parent
      { parent: Int32Array.of(-1, -1, 0) }, // two roots
      { parent: Int32Array.of(0, 0, 0) },
      { parent: new Int32Array(0) },
      { func: Int32Array.of(-1, -1, 0) },
      { parent: Int32Array.of(-1, 0, 1), func: Int32Array.of(-1, 0, processNode(0)) }, // a process below a function
      { func: Int32Array.of(-1, 0) },
      { total: Float64Array.of(7, NaN, 2) },
      { total: Float64Array.of(7, -1, 2) },
      { self: Float64Array.of(0, Infinity, 0) },
      { self: Int32Array.of(0, 5, 0) },
    ];
    for (const change of bad) assert.equal(parseHostMessage({ ...tree, nodes: { ...nodes, ...change } }), undefined);
    assert.equal(parseHostMessage({ ...tree, functions: { ...times, func: Int32Array.of(-1) } }), undefined);
    assert.equal(parseHostMessage({ ...tree, functions: { ...times, self: Float64Array.of(1, 2) } }), undefined);
  });

  it('hold no lanes that can’t be drawn', () => {
    const timeline = fromHost.find((message) => message.type === 'timeline')!;
    const [, lane] = timeline.lanes;
    const boxes = lane!.boxes!;
    const bad = [
      { ...lane, bands: { ...bands, ready: Uint8Array.of(1) } },
      { ...lane, bands: { ...bands, ready: [0, 0] } },
      { ...lane, boxes: { ...boxes, to: Uint16Array.of(3) } }, // beyond the last column
      { ...lane, boxes: { ...boxes, to: Uint16Array.of(0) } },
      { ...lane, boxes: { ...boxes, row: Uint16Array.of(5000) } },
      { ...lane, boxes: { ...boxes, func: Uint32Array.of(1, 2) } },
    ];
    for (const odd of bad) assert.equal(parseHostMessage({ ...timeline, lanes: [odd] }), undefined);
    for (const columns of [0, 9000, 1]) assert.equal(parseHostMessage({ ...timeline, columns }), undefined);
  });

  it('ask of no more lanes than can be in sight, and of no time that is none', () => {
    const asked = fromPage.at(-1)!;
    for (const odd of [{ columns: 0 }, { columns: 1e6 }, { threads: Array(200).fill(1) }, { open: Array(20).fill(1) }])
      assert.equal(parsePageMessage({ ...asked, ...odd }), undefined);
    for (const range of [
      { start: 2, end: 2 },
      { start: -1, end: 2 },
      { start: 0, end: Infinity },
    ])
      assert.equal(parsePageMessage({ ...asked, range }), undefined);
  });

  it('choose each thread once', () => {
    const asked = (ids: unknown): unknown =>
      parseHostMessage({ type: 'samples', samples: { ...ALL_SAMPLES, scope: { kind: 'threads', ids } } });
    for (const ids of [[], [1], [2, 1], [1, 1], 'all']) assert.equal(asked(ids), undefined);
    assert.notEqual(asked([1, 2]), undefined);
  });

  it('name no files that are not there', () => {
    assert.equal(parseHostMessage({ ...fromHost[1], files: Int32Array.of(0, 2) }), undefined);
    assert.equal(parseHostMessage({ ...fromHost[1], files: Int32Array.of(-1, 0) }), undefined);
    assert.equal(parseHostMessage({ ...fromHost[1], names: ['f'] }), undefined);
  });

  it('bound paths', () => {
    const detail = { type: 'detail', span: 1 };
    assert.equal(parsePageMessage({ ...detail, path: [1] }), undefined);
    assert.equal(parsePageMessage({ ...detail, path: [1, -1] }), undefined);
    assert.equal(parsePageMessage({ ...detail, path: [-1, 0] }), undefined);
    assert.equal(parsePageMessage({ ...detail, path: [1, 0, processNode(0), 0] }), undefined);
    assert.equal(parsePageMessage({ ...detail, path: new Array(1_000_000).fill(0) }), undefined);
    assert.equal(parsePageMessage({ ...detail, path: [], span: 0 }), undefined);
    assert.equal(parsePageMessage({ ...detail, path: [], span: Infinity }), undefined);
  });
});
