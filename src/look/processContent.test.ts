import assert from 'node:assert/strict';
import '../testing/fakeVscode.ts';
import type { CodePlace, CoreSignal, DumpSnapshot, FrameRecord, ProcessSnapshot, TaskSnapshot, ThreadDump } from '../../native/index.ts';
import type { LookContent } from './look.ts';
import { all, outline } from './testing/outline.ts';

const nameOf = (place: CodePlace): { name: string; file: string } => ({ name: place.function, file: place.file });

function frame(name: string, line: number, locals: FrameRecord['locals'] = null): FrameRecord {
  return { function: name, file: '/src/app.py', line, expression: null, locals };
}

function thread(osThreadId: number, name: string | null, frames: readonly FrameRecord[], more: Partial<ThreadDump> = {}): ThreadDump {
  return {
    ...{ osThreadId, pythonThreadId: String(osThreadId * 1000), interpreterId: 0, name, state: 'waiting', holdsGil: false },
    ...{ collects: false, frames, problem: null, wait: null, native: null },
    ...more,
  };
}

/** @param threads the newest first, as interpreters have them */
function dump(threads: readonly ThreadDump[], more: Partial<DumpSnapshot> = {}): DumpSnapshot {
  return {
    ...{ pid: 7, parentPid: 1, commandLine: [], executable: null, workingDirectory: '/', pythonVersion: '3.14.0' },
    ...{ moment: { isInstant: true, how: 'waiting', pause: 0, why: null }, core: null, threads, problems: [] },
    ...more,
  };
}

const tasks: TaskSnapshot = {
  ...{ pid: 7, pythonVersion: '3.14.0', workingDirectory: '/', isImported: true, unreadable: 0, isCut: false, exact: true },
  loops: [{ type: 'Loop', interpreterId: 0, threadId: 7, threadName: 'MainThread' }],
  tasks: [
    {
      ...{ name: 'crawler', condition: 'waiting', loop: 0, stack: [{ function: 'crawl', file: '/src/app.py', line: 9 }] },
      ...{ awaits: 'Future', awaitedBy: [], moved: false, complete: true },
    },
  ],
};

describe('what the view of live stacks shows', () => {
  let processContent: typeof import('./processContent.ts').processContent;
  let nodesText: typeof import('./lookNode.ts').nodesText;
  before(async () => {
    ({ processContent } = await import('./processContent.ts'));
    ({ nodesText } = await import('./lookNode.ts'));
  });
  const content = (threads: DumpSnapshot, more: Partial<ProcessSnapshot> = {}, isFolded = true): LookContent =>
    processContent({ threads, tasks: null, greenlets: null, ...more }, 'app.py', isFolded, nameOf);

  it('is threads, the oldest first, with state, GIL and stack, the innermost frame first', () => {
    const { roots, counts, notes } = content(
      dump([
        thread(9, null, [], { state: 'ready', interpreterId: 2 }),
        thread(8, 'worker', [frame('work', 5), frame('main', 2)], { state: 'running', holdsGil: true, collects: true }),
        thread(7, 'MainThread', [frame('main', 3)], { problem: 'a frame makes no sense' }),
      ]),
    );
    assert.deepEqual(outline(roots), [
      ['MainThread – main · app.py:3 · waiting · stack not complete · interpreter 0 · id 7', 'main – app.py:3', 'a frame makes no sense'],
      [
        'worker – work · app.py:5 · running · holds the GIL · collects garbage · interpreter 0 · id 8',
        'work – app.py:5',
        'main – app.py:2',
      ],
      'Thread 9 – no Python frames · ready to run · interpreter 2 · id 9',
    ]);
    assert.deepEqual([counts, notes], ['3 threads: 1 running, 1 ready to run, 1 waiting.', ['Read at one instant.']]);
  });

  it('folds threads with the same stack and state, and has each apart if that is wanted', () => {
    const same = Array.from({ length: 12 }, (_, i) => thread(20 + i, `worker-${i}`, [frame('get', 5)])).reverse();
    const threads = dump([...same, thread(8, 'other', [frame('get', 6)]), thread(7, 'runs', [frame('get', 5)], { state: 'running' })]);
    const { roots } = content(threads);
    assert.deepEqual(
      roots.map(({ facts }) => facts.label),
      ['runs', 'other', '12 threads'],
    );
    assert.deepEqual(outline([roots[2]!]), [
      ['12 threads – get · app.py:5 · waiting', 'get – app.py:5', ...Array.from({ length: 12 }, (_, i) => `worker-${i} – id ${20 + i}`)],
    ]);
    assert.equal(content(threads, {}, false).roots.length, 14);
    const ids = [...all(roots)].map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
  });

  it('leads to who is waited for, and names deadlocks', () => {
    const wait = (owner: number | null, why: string | null = null): Partial<ThreadDump> => ({ wait: { what: 'RLock 0x1', owner, why } });
    const threads = dump([
      thread(12, 'also', [frame('transfer', 5)], wait(2)),
      thread(11, 'third', [frame('transfer', 5)], wait(2)),
      thread(10, 'bob', [frame('transfer', 5)], wait(3)),
      thread(9, 'ann', [frame('transfer', 5)], wait(2)),
      thread(7, 'MainThread', [frame('main', 5)], wait(null, 'nobody knows')),
    ]);
    const { roots, notes } = content(threads);
    assert.equal(notes[0], 'Deadlock, each waits for the next: bob → ann → bob.');
    assert.deepEqual(outline(roots).slice(0, 2), [
      ['MainThread – main · app.py:5 · waiting · id 7', 'waits for RLock 0x1 – nobody knows', 'main – app.py:5'],
      ['ann – transfer · app.py:5 · waiting · id 9', 'waits for bob – RLock 0x1 · id 10', 'transfer – app.py:5'],
    ]);
    assert.deepEqual(outline([roots[3]!]), [
      [
        '2 threads – transfer · app.py:5 · waiting',
        'waits for bob – RLock 0x1 · id 10',
        'transfer – app.py:5',
        'third – id 11',
        'also – id 12',
      ],
    ]);
    assert.equal(roots[3]!.children[0]!.facts.leadsTo!(), roots[2]);
    assert.deepEqual(
      roots.map(({ facts }) => [facts.icon, facts.isExpanded === true]),
      [
        ['watch', false],
        ['lock', true],
        ['lock', true],
        ['watch', false],
      ],
    );
    assert.equal(roots[0]!.children[0]!.facts.leadsTo, undefined);
  });

  it('finds who is waited for among thousands, also in a group', () => {
    const many = Array.from({ length: 1200 }, (_, i) => thread(100 + i, `n${i}`, [frame('f', i < 600 ? i : 9999)]));
    const threads = dump([...many, thread(7, 'MainThread', [frame('join', 1)], { wait: { what: 'the end', owner: 1100, why: null } })]);
    for (const isFolded of [true, false]) {
      const { roots } = content(threads, {}, isFolded);
      assert.equal(roots[0]!.children[0]!.facts.leadsTo!()?.facts.label, 'n1100');
    }
  });

  it('has variables below their frames, and below each of threads that are folded', () => {
    const local = (name: string, text: string, isArgument: boolean): NonNullable<FrameRecord['locals']>[number] => ({
      ...{ name, text, isArgument, address: '0x1', kind: isArgument ? 'local' : 'free' },
    });
    const frames = (text: string): FrameRecord[] => [frame('get', 5, [local('item', text, true), local('outer', 'x\n\u202e', false)])];
    const { roots } = content(dump([thread(8, 'b', frames('2')), thread(7, 'a', frames('1'.repeat(300)))]));
    assert.deepEqual(outline(roots), [
      [
        '2 threads – get · app.py:5 · waiting',
        'get – app.py:5',
        ['a – id 7', ['get – app.py:5', `item – ${'1'.repeat(200)}…`, 'outer – x��']],
        ['b – id 8', ['get – app.py:5', 'item – 2', 'outer – x��']],
      ],
    ]);
    assert.match(nodesText(roots), new RegExp(`\\n {6}item = ${'1'.repeat(300)}\\n {6}outer = x��\\n`));
  });

  it('has tasks and greenlets where there are any, and says why it has not', () => {
    const threads = dump([thread(7, 'MainThread', [frame('main', 3)])], {
      moment: { isInstant: false, how: 'running', pause: 0, why: 'it runs' },
      problems: ['thread 7: torn'],
    });
    const { roots, notes } = content(threads, {
      tasks: { snapshot: tasks },
      greenlets: { failure: { code: 'not-visible', pid: 7, version: '3.14.0t', what: 'greenlets', reason: 'free-threaded' } },
    });
    assert.deepEqual(outline(roots.slice(1)), [
      ['asyncio tasks – One task: waiting for Future.', ['crawler – waiting for Future · crawl · app.py:9', 'crawl – app.py:9']],
      ['Not read whole', 'thread 7: torn'],
    ]);
    assert.deepEqual(notes, ['Not of one instant: it runs.', 'Of Python 3.14.0t, greenlets can’t be seen.']);
    const { roots: none } = content(threads, { tasks: { snapshot: { ...tasks, tasks: [], loops: [] } } });
    assert.deepEqual(
      none.map(({ facts }) => facts.label),
      ['MainThread', 'Not read whole'],
    );
  });

  it('is of a core dump what its signal was, and who got it', () => {
    const signal: CoreSignal = { number: 11, code: 1, address: '0x8', sender: null, threadId: 8 };
    const core = (more: Partial<DumpSnapshot['core'] & object> = {}): DumpSnapshot =>
      dump(
        Array.from({ length: 9 }, (_, i) => thread(15 - i, `t${15 - i}`, [frame('f', 1)])),
        {
          moment: { isInstant: true, how: 'dumped', pause: 0, why: null },
          core: { file: '/tmp/core', signal, unchecked: ['/usr/bin/python3'], ...more },
        },
      );
    const { roots, notes } = content(core());
    assert.deepEqual(notes, ['t8 (id 8) got SIGSEGV: nothing is mapped at 0x8.']);
    assert.deepEqual(
      roots.map(({ facts }) => [facts.label, facts.icon, facts.isExpanded === true]),
      [
        ['8 threads', 'watch', false],
        ['t8', 'error', true],
        ['Not read whole', 'warning', true],
      ],
    );
    assert.match(roots[1]!.facts.description!, /^got the signal · f · app\.py:1/);
    assert.deepEqual(outline(roots).at(-1), [
      'Not read whole',
      'Nothing in the dump tells whether /usr/bin/python3 is still the file that ran.',
    ]);
    assert.deepEqual(content(core({ signal: { ...signal, threadId: 99, number: 6, address: null, sender: 7 } })).notes, [
      'Thread 99, which ran no Python, got SIGABRT, which it sent itself.',
    ]);
    assert.deepEqual(content(core({ signal: null })).notes, ['It was written while the program lived.']);
  });
});
