import assert from 'node:assert/strict';
import type { TaskRecord, TaskSnapshot } from '../native/index.ts';
import { taskText } from './taskText.ts';

function task(name: string, awaitedBy: readonly number[] = [], more: Partial<TaskRecord> = {}): TaskRecord {
  const stack = [
    { function: 'main', file: '/app.py', line: 3 },
    { function: name.toLowerCase(), file: '/app.py', line: 7 },
  ];
  return { name, condition: 'waiting', loop: 0, stack, awaits: 'Future', awaitedBy, moved: false, complete: true, ...more };
}

function snapshot(tasks: readonly TaskRecord[], more: Partial<TaskSnapshot> = {}): TaskSnapshot {
  const loops = [
    { type: 'Loop', interpreterId: 0, threadId: 7, threadName: 'MainThread' },
    { type: 'Other', interpreterId: 2, threadId: null, threadName: null },
  ];
  return {
    pid: 7,
    pythonVersion: '3.14.0',
    workingDirectory: null,
    isImported: true,
    isCut: false,
    exact: true,
    loops: loops.slice(0, tasks.some(({ loop }) => loop === 1) ? 2 : 1),
    tasks,
    unreadable: 0,
    ...more,
  };
}

describe('the text of asyncio tasks', () => {
  it('shows what awaits what as a tree, by name, each task with its stack', () => {
    const text = taskText(
      snapshot([
        task('T10', [2]),
        task('T9', [2], { condition: 'ready' }),
        task('Main', [], { awaits: '' }),
        task('Alone', [], { loop: 1, condition: 'running', moved: true }),
      ]),
    );
    assert.equal(
      text,
      `Process 7 (Python 3.14.0): 4 asyncio tasks

Loop in thread 7 (MainThread)
└─ Main – waiting
   │    main (/app.py:3)
   │    main (/app.py:7)
   ├─ T9 – ready
   │       main (/app.py:3)
   │       t9 (/app.py:7)
   └─ T10 – waiting for Future
           main (/app.py:3)
           t10 (/app.py:7)

Other not running, interpreter 2
└─ Alone – running, moved on while it was being read
        main (/app.py:3)
        alone (/app.py:7)
`,
    );
  });

  it('shows each task once with what it awaits, also where tasks await each other or lie very deep', () => {
    const twice = taskText(snapshot([task('A'), task('B'), task('Shared', [0, 1])]));
    assert.equal(twice.split('Shared – waiting for Future').length, 3);
    assert.equal(twice.split('shared (').length, 2);
    const cycle = taskText(snapshot([task('A', [1]), task('B', [0])]));
    assert.equal(cycle.split('A – ').length, 3);
    assert.equal(cycle.split('shown elsewhere').length, 2);
    const deep = taskText(snapshot(Array.from({ length: 1000 }, (_, i) => task(`T${i}`, i === 0 ? [] : [i - 1]))));
    for (const i of [0, 500, 999]) assert(deep.includes(`T${i} – `));
  });

  it('lets names do nothing to the terminal', () => {
    const text = taskText(snapshot([task('\x1b[2J\u202ename\n')], { unreadable: 1 }));
    assert(text.includes('�[2J�name�'));
    assert(text.includes('Some tasks could not be read'));
  });

  it('says when there are none, or too many', () => {
    assert.match(taskText(snapshot([], { loops: [], isImported: false })), /: 0 asyncio tasks\nIt has not imported asyncio\.\n$/);
    assert.match(taskText(snapshot([task('A')], { isCut: true })), /: one asyncio task\nThere is more than Heatline looks at/);
  });

  it('shortens very long stacks in the middle', () => {
    const stack = Array.from({ length: 1000 }, (_, i) => ({ function: `f${i}`, file: '/a.py', line: 1 }));
    const text = taskText(snapshot([task('Long', [], { stack })]));
    assert(text.includes('… 960 more'));
    assert(text.includes('f0 (') && text.includes('f999 (') && !text.includes('f500 ('));
  });
});
