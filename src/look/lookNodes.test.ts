import assert from 'node:assert/strict';
import '../testing/fakeVscode.ts';
import type { CodePlace, GreenletRecord, GreenletSnapshot, TaskRecord, TaskSnapshot } from '../../native/index.ts';
import { all, outline } from './testing/outline.ts';

const common = { pid: 7, pythonVersion: '3.14.0', workingDirectory: '/', isImported: true, unreadable: 0, isCut: false };
const nameOf = (place: CodePlace): { name: string; file: string } => ({ name: place.function, file: place.file });

function task(name: string, awaitedBy: readonly number[] = [], more: Partial<TaskRecord> = {}): TaskRecord {
  const stack = [
    { function: 'main', file: '/src/app.py', line: 3 },
    { function: `in ${name}`, file: '/src/client.py', line: 7 },
  ];
  return { name, condition: 'waiting', loop: 0, stack, awaits: 'Future', awaitedBy, moved: false, complete: true, ...more };
}

function snapshot(tasks: readonly TaskRecord[], more: Partial<TaskSnapshot> = {}): TaskSnapshot {
  const loops = [
    { type: 'Loop', interpreterId: 0, threadId: 7, threadName: 'MainThread' },
    { type: 'Other', interpreterId: 2, threadId: null, threadName: null },
  ];
  return { ...common, exact: true, loops: loops.slice(0, tasks.some(({ loop }) => loop === 1) ? 2 : 1), tasks, ...more };
}

describe('what the view of a look shows', () => {
  let taskContent: typeof import('./taskNodes.ts').taskContent;
  let greenletContent: typeof import('./greenletNodes.ts').greenletContent;
  let nodes: typeof import('./lookNode.ts');
  before(async () => {
    ({ taskContent } = await import('./taskNodes.ts'));
    ({ greenletContent } = await import('./greenletNodes.ts'));
    nodes = await import('./lookNode.ts');
  });

  it('is who awaits whom, where each task is, and how many there are', () => {
    const tasks = [
      task('Worker', [1], { condition: 'ready', moved: true }),
      task('Main', [], { awaits: '' }),
      task('Runs', [1], { condition: 'running', stack: [], complete: false }),
    ];
    const { roots, counts, notes } = taskContent(snapshot(tasks, { unreadable: 2, isCut: true }), nameOf);
    assert.deepEqual(outline(roots), [
      [
        'Main – waiting · in Main · client.py:7',
        'main – app.py:3',
        'in Main – client.py:7',
        'Runs – running · stack not complete',
        [
          'Worker – ready to go on · in Worker · client.py:7 · moved on while it was being read',
          'main – app.py:3',
          'in Worker – client.py:7',
        ],
      ],
    ]);
    assert.equal(counts, '3 tasks: 1 running, 1 waiting, 1 ready to go on.');
    assert.deepEqual(notes, [
      'One task moved on while it was being read: its stack may be a mix.',
      'There are more tasks, or more that await one of them, than Heatline looks at: some are missing.',
      'Some tasks could not be read and may be missing.',
    ]);
    assert.deepEqual(
      [...all(roots)].map(({ facts }) => facts.isExpanded === true),
      [true, false, false, false, false, false, false],
    );
  });

  it('has loops at its top where there are several', () => {
    const { roots } = taskContent(snapshot([task('A'), task('B', [], { loop: 1 })]), nameOf);
    assert.deepEqual(
      roots.map(({ facts }) => [facts.label, facts.description, facts.isExpanded]),
      [
        ['Loop', 'in thread 7 (MainThread)', true],
        ['Other', 'not running · interpreter 2', true],
      ],
    );
    assert.deepEqual(
      roots.map(({ children }) => children.map(({ facts }) => facts.label)),
      [['A'], ['B']],
    );
  });

  it('says that there is nothing, and why', () => {
    const { roots, counts, notes } = taskContent(snapshot([], { loops: [], isImported: false }), nameOf);
    assert.deepEqual([roots, counts, notes], [[], 'No unfinished tasks.', ['The program has not imported asyncio.']]);
  });

  it('finds what is shown elsewhere, also in a cycle and among thousands', () => {
    const many = Array.from({ length: 1200 }, (_, i) => task(`n${i}`, i === 1150 ? [] : [1150]));
    for (const tasks of [
      [task('A'), task('B'), task('Shared', [0, 1])],
      [task('A', [1]), task('B', [0])],
      [...many, task('Last', [1100, 1101])],
    ]) {
      const { roots } = taskContent(snapshot(tasks), nameOf);
      const repeated = [...all(roots)].filter(({ facts }) => facts.isRepeated === true);
      assert.equal(repeated.length, 1);
      const [mention] = repeated;
      assert.match(mention!.facts.description!, /shown elsewhere/);
      assert.equal(mention!.mayHaveChildren, false);
      const found = mention!.facts.leadsTo!();
      assert(found !== undefined);
      assert.equal(found.facts.label, mention!.facts.label);
      assert.notEqual(found.facts.isRepeated, true);
    }
  });

  it('has ids that are unique, and the same from look to look', () => {
    const tasks = [task('A'), task('A'), task('A#0'), task('Shared', [0, 1]), task('A', [3])];
    const ids = [...all(taskContent(snapshot(tasks), nameOf).roots)].map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
    const later = [task('New'), ...tasks.map((one) => ({ ...one, awaitedBy: one.awaitedBy.map((by) => by + 1) }))];
    const laterIds = new Set([...all(taskContent(snapshot(later), nameOf).roots)].map(({ id }) => id));
    for (const id of ids) assert(laterIds.has(id), id);
  });

  it('folds long stacks in the middle and lists in their ends, and has all in text', () => {
    const stack = Array.from({ length: 400 }, (_, i) => ({ function: `f${i}`, file: '/a.py', line: i }));
    const { roots } = taskContent(
      snapshot([task('Deep', [], { stack }), ...Array.from({ length: 1500 }, (_, i) => task(`n${i}`))]),
      nameOf,
    );
    assert.deepEqual([roots.length, roots.at(-1)?.facts.label], [501, '1001 more']);
    assert.equal(roots.at(-1)!.children.at(-1)?.facts.label, '501 more');
    const deep = roots[0]!.children;
    assert.deepEqual([deep.length, deep[19]?.facts.label, deep[20]?.facts.label, deep[21]?.facts.label], [41, 'f19', '360 more', 'f380']);
    assert.deepEqual(
      deep[20]!.children.map(({ facts }) => facts.label),
      stack.slice(20, -20).map((place) => place.function),
    );
    const lines = nodes.nodesText(roots).trimEnd().split('\n');
    assert.equal(lines.length, 401 + 3 * 1500);
    assert.deepEqual(lines.slice(0, 2), ['Deep – waiting for Future · f399 · a.py:399', '  f0 (/a.py:0)']);
    assert.deepEqual(lines.slice(-3), [
      'n1499 – waiting for Future · in n1499 · client.py:7',
      '  main (/src/app.py:3)',
      '  in n1499 (/src/client.py:7)',
    ]);
  });

  it('shows names of the target’s in one line that changes no other', () => {
    const { roots } = taskContent(
      snapshot([task('a\n\u202eb', [], { stack: [{ function: 'f\x1b[2J', file: '/x\ny.py', line: 1 }] })]),
      nameOf,
    );
    for (const { facts } of all(roots)) assert.doesNotMatch(`${facts.label}${facts.description}${facts.tooltip}`, /[\p{Cc}\u202e]/u);
    assert.doesNotMatch(nodes.nodesText(roots), /[\x1b\u202e]/);
  });

  it('is greenlets below their parents', () => {
    const greenlet = (id: string, parent: number, more: Partial<GreenletRecord> = {}): GreenletRecord => ({
      type: 'Greenlet',
      id,
      condition: 'suspended',
      stack: [{ function: `run ${id}`, file: '/src/app.py', line: 3 }],
      parent,
      moved: false,
      complete: true,
      ...more,
    });
    const seen: GreenletSnapshot = {
      ...common,
      greenlets: [
        greenlet('0x2', 1),
        greenlet('0x1', -1, { type: 'Hub', condition: 'running', stack: [] }),
        greenlet('0x3', 1, { moved: true }),
      ],
    };
    const { roots, counts } = greenletContent(seen, nameOf);
    assert.deepEqual(outline(roots), [
      [
        'Hub 0x1 – running',
        ['Greenlet 0x2 – suspended · run 0x2 · app.py:3', 'run 0x2 – app.py:3'],
        ['Greenlet 0x3 – suspended · run 0x3 · app.py:3 · moved on while it was being read', 'run 0x3 – app.py:3'],
      ],
    ]);
    assert.equal(counts, '3 greenlets: 1 running, 2 suspended.');
  });
});
