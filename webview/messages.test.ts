import assert from 'node:assert/strict';
import fc from 'fast-check';
import { processNode } from '../profile/callTree.ts';
import type { Transform } from '../profile/transforms/transform.ts';
import { FOLDED } from '../profile/weighedStacks.ts';
import type { HostMessage, PageMessage } from './messages.ts';
import { parseHostMessage } from './parseHostMessage.ts';
import { parsePageMessage } from './parsePageMessage.ts';

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

const fromHost: HostMessage[] = [
  {
    type: 'setup',
    title: 'app.py',
    language: 'de',
    translations: { Zoom: 'Zoomen' },
    query: {
      scope: { kind: 'all' },
      onCpuOnly: true,
      readyOnly: false,
      gilOnly: false,
      transforms: [],
      by: 'function',
      inverted: false,
      sandwich: null,
    },
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
    processes: [{ pid: 7, name: 'app', pythonVersion: '3.12' }],
    threads: [{ process: 0, name: 'Main', osThreadId: 7, ended: false }],
  },
  { type: 'status', state: 'ended', endMessage: 'The process ended.', quality },
  { type: 'tree', query: 2, hiddenNodes: 3, totalSamples: 7, samplesBeforeSteps: 9, totalTime: 7, callers: null, nodes, functions: times },
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
  },
  { type: 'act', action: 'focusSubtree' },
  { type: 'view', text: 'heatline-view:?cpu=1' },
  { type: 'samples', samples: { scope: { kind: 'thread', id: 2 }, onCpuOnly: false, readyOnly: true, gilOnly: true, transforms: [] } },
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
    query: {
      scope: { kind: 'process', id: 1 },
      onCpuOnly: true,
      readyOnly: false,
      gilOnly: false,
      transforms,
      by: 'line',
      inverted: false,
      sandwich: 3,
    },
  },
  { type: 'detail', path: [1, 0, 2, 0], span: 12.5 },
  { type: 'open', func: 2, line: 0, path: null },
  { type: 'open', func: 2, line: 9, path: [2, 9] },
  { type: 'open', func: 2, line: 9, path: [processNode(3), 0, 2, 9] },
  { type: 'command', command: 'stop' },
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
