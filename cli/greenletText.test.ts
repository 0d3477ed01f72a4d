import assert from 'node:assert/strict';
import type { GreenletRecord, GreenletSnapshot } from '../native/index.ts';
import { greenletText } from './greenletText.ts';

function greenlet(id: string, parent: number, more: Partial<GreenletRecord> = {}): GreenletRecord {
  return {
    type: 'greenlet',
    id,
    condition: 'suspended',
    stack: [{ function: `run ${id}`, file: '/app.py', line: 3 }],
    parent,
    moved: false,
    complete: true,
    ...more,
  };
}

function snapshot(greenlets: readonly GreenletRecord[], more: Partial<GreenletSnapshot> = {}): GreenletSnapshot {
  return { pid: 7, pythonVersion: '3.12.1', workingDirectory: null, isImported: true, unreadable: 0, isCut: false, greenlets, ...more };
}

describe('the text of greenlets', () => {
  it('shows children below their parents, each with its stack', () => {
    const greenlets = [
      greenlet('0x2', 1),
      greenlet('0x1', -1, { condition: 'running', stack: [] }),
      greenlet('0x3', 1, { type: 'Hub', moved: true }),
    ];
    assert.equal(
      greenletText(snapshot(greenlets)),
      `Process 7 (Python 3.12.1): 3 greenlets
└─ greenlet 0x1 – running
   ├─ greenlet 0x2 – suspended
   │       run 0x2 (/app.py:3)
   └─ Hub 0x3 – suspended, moved on while it was being read
           run 0x3 (/app.py:3)
`,
    );
  });

  it('shows all of them, once, also where parents make no sense', () => {
    const greenlets = [
      greenlet('0xa', 1),
      greenlet('0xb', 0),
      ...Array.from({ length: 1000 }, (_, i) => greenlet(`0xc${i}`, i === 0 ? -1 : i + 1)),
    ];
    const text = greenletText(snapshot(greenlets, { unreadable: 1 }));
    const shown = [...text.matchAll(/greenlet (0x\w+) –/g)].map(([, id]) => id);
    assert.deepEqual(shown.sort(), greenlets.map(({ id }) => id).sort());
    assert(text.includes('may be missing'));
  });

  it('says when there are none, or too many', () => {
    assert.match(greenletText(snapshot([], { isImported: false })), /: 0 greenlets\nIt has not imported greenlet or gevent\.\n$/);
    assert.match(greenletText(snapshot([greenlet('0x1', -1)], { isCut: true })), /: one greenlet\nThere are more than Heatline looks at/);
  });
});
