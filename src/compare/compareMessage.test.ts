import assert from 'node:assert/strict';
import { profileOf } from '../../profile/testing/build.ts';
import { parseCompareMessage } from '../../webview/parseCompareMessage.ts';
import { changedLines, compareProfiles } from './compareMessage.ts';

const before = {
  title: 'one',
  profile: profileOf({
    runs: [
      { stack: 'main:1 work:21', count: 4000 },
      { stack: 'main:3 old:41', count: 6000 },
    ],
  }),
};
const after = {
  title: 'two',
  profile: profileOf({
    runs: [
      { stack: 'main:1 work:21', count: 15_000 },
      { stack: 'main:3 fresh:51', count: 5000 },
    ],
  }),
};
const query = { by: 'share', lines: false, count: 'running' } as const;

describe('what a page that compares is told', () => {
  const compared = compareProfiles(before, after, query);

  it('is what changed, what is gone and what is new', () => {
    const rows = compared.rows.map(({ name, onlyIn, self, total }) => [name, onlyIn, self.before, self.after, total.isSignificant]);
    assert.deepEqual(rows, [
      ['old', 'before', 0.6, 0, true],
      ['work', null, 0.4, 0.75, true],
      ['fresh', 'after', 0, 0.25, true],
      ['main', null, 0, 0, false],
    ]);
    assert.deepEqual(
      [compared.before, compared.after.samples, compared.moreRows],
      [{ title: 'one', seconds: 10, samples: 10_000 }, 20_000, 0],
    );
  });

  it('is understood there, and what is damaged is not', () => {
    const message = { type: 'compare', language: 'de', translations: {}, ...compared } as const;
    assert.deepEqual(parseCompareMessage(structuredClone(message)), message);
    for (const damaged of [
      { ...message, query: { ...query, by: 'cups' } },
      { ...message, functions: { ...message.functions, names: [] } },
      { ...message, tree: { ...message.tree, parent: message.tree.parent.map(() => 7) } },
      { ...message, tree: { ...message.tree, totalAfter: message.tree.totalAfter.map(() => -1) } },
      { ...message, rows: [{}] },
    ])
      assert.equal(parseCompareMessage(damaged), undefined);
  });

  it('marks the lines that there are, and whose change is no chance', () => {
    const lines = changedLines(before, after, query).map(({ name, line, self }) => [name, line, self.after]);
    assert.deepEqual(lines, [
      ['main', 1, 0],
      ['work', 21, 0.75],
      ['main', 3, 0],
      ['fresh', 51, 0.25],
    ]);
  });
});
