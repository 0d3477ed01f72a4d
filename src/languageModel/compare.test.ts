import '../testing/fakeVscode.ts';
import assert from 'node:assert/strict';
import { diffProfiles } from '../../profile/diff/profileDiff.ts';
import type { Profile } from '../../profile/profile.ts';
import { profileOf } from '../../profile/testing/build.ts';
import type { ProfileSource } from '../profileSource.ts';
import { answerTexts } from './answer.ts';
import { compareAnswer, type CompareFacts } from './compareAnswer.ts';
import { programOf } from './sameProgram.ts';
import { NoAnswer } from './toolInput.ts';

const { Disposable } = await import('vscode');
const { chosen } = await import('./compareTool.ts');

/** Samples of functions, by name. */
function counted(counts: Readonly<Record<string, number>>): Profile {
  const samples = Object.values(counts).reduce((sum, count) => sum + count, 0);
  return profileOf({
    quality: { elapsed: samples * 1000, samples, ticks: samples },
    runs: Object.entries(counts).map(([name, count]) => ({ stack: `main:1 ${name}:2`, count })),
  });
}

describe('comparing two profiles for language models', () => {
  const before = counted({ parse: 5000, send: 3000, log: 1000, old: 1000 });
  const after = counted({ parse: 2000, send: 7000, log: 1010, fresh: 1000 });
  const facts: CompareFacts = {
    by: 'share',
    lines: false,
    count: 'running',
    limit: 10,
    notes: ['Both are runs of "app.py".'],
    before: { id: 'profile-1', title: 'app.py (process 7)' },
    after: { id: 'profile-2', title: 'app.py (process 8)' },
    fileOf: ({ file }) => `/here${file}`,
  };

  it('says what became slower and faster, as far as it is not chance', () => {
    const { summary, data } = compareAnswer(diffProfiles(before, after, { by: 'share', lines: false }), facts);
    assert.equal(
      summary,
      [
        '`app.py (process 7)` → `app.py (process 8)`: 10000 and 11010 samples that count, 10.00 s and 11.01 s of all threads. Shares of that time are compared.',
        'Slower functions by self time:',
        '- `send (/here/work/app.py:30)`: 30.0 % → 63.6 %',
        'Faster functions by self time:',
        '- `parse (/here/work/app.py:20)`: 50.0 % → 18.2 %',
        'Slower functions by total time:',
        '- `send (/here/work/app.py:30)`: 30.0 % → 63.6 %',
        'Faster functions by total time:',
        '- `parse (/here/work/app.py:20)`: 50.0 % → 18.2 %',
        'Only before: `old (/here/work/app.py:50)` (10.0 % total)',
        'Only after: `fresh (/here/work/app.py:50)` (9.1 % total)',
        'Both are runs of "app.py".',
      ].join('\n'),
    );
    const { self, onlyAfter, maybeChance, program } = data as {
      self: { slower: object[]; faster: object[] };
      onlyAfter: object[];
      maybeChance: number;
      program: unknown;
    };
    assert.deepEqual(self.slower, [
      {
        function: 'send',
        file: '/here/work/app.py',
        line: 30,
        before: 0.3,
        after: 0.6358,
        chance: (self.slower[0] as { chance: number }).chance,
      },
    ]);
    assert.ok((self.slower[0] as { chance: number }).chance < 1e-9);
    assert.deepEqual(onlyAfter, [{ function: 'fresh', file: '/here/work/app.py', line: 50, self: 0.0908, total: 0.0908 }]);
    assert.deepEqual([maybeChance, program], [2, null]); // log, and main
  });

  it('compares seconds of the whole program, too', () => {
    const { summary, data } = compareAnswer(diffProfiles(before, after, { by: 'seconds', lines: false }), { ...facts, by: 'seconds' });
    assert.match(summary, /\nThe program: 10\.00 s → 11\.01 s\.\nSlower functions by self time:\n- `send \(.*\)`: 3\.00 s → 7\.00 s\n/);
    assert.deepEqual((data as { program: { isSignificant: boolean } }).program.isSignificant, true);
  });

  it('says that nothing is sure, and stays small', () => {
    const same = compareAnswer(diffProfiles(before, before, { by: 'share', lines: false }), facts);
    assert.match(same.summary, /\nNo difference that is more than chance: /);
    const many = (first: number): Profile =>
      counted(Object.fromEntries(Array.from({ length: 400 }, (_, i) => [`f${i}${'x'.repeat(500)}`, i % 2 === first ? 2000 : 1])));
    const large = compareAnswer(diffProfiles(many(0), many(1), { by: 'share', lines: false }), { ...facts, limit: 50 });
    const [summary, json] = answerTexts(large);
    assert.ok(summary.length < 6000, String(summary.length));
    assert.ok(json.length < 110_000, String(json.length));
    assert.equal((large.data as { moreThanListed: number }).moreThanListed, 600);
  });

  describe('chooses', () => {
    const run = (id: string, name: string, folder: string, samples = 1): ProfileSource => ({
      id,
      title: `${name} (${id})`,
      profile: profileOf({
        quality: { samples },
        processes: [{ name, workingDirectory: folder, commandLine: ['python', name] }],
        runs: [],
      }),
      state: 'ended',
      endMessage: undefined,
      isSaved: true,
      onDidChange: () => new Disposable(() => undefined),
    });
    const all = [
      run('1', 'app.py', '/shop'),
      run('2', 'app.py', '/shop'),
      run('3', 'app.py', '/other'),
      run('4', 'app.py', '/shop'),
      run('5', 'tool.py', '/shop'),
      run('6', 'app.py', '/shop', 0),
    ];
    const ids = (before?: string, after?: string): (string | number)[] => {
      const found = chosen(all, { before, after });
      return [found.before.id, found.after.id, found.notes.length];
    };

    it('the last two runs of the same program, those before or after one, or any two', () => {
      assert.deepEqual(ids(), ['2', '4', 1]);
      assert.deepEqual(ids(undefined, '2'), ['1', '2', 1]);
      assert.deepEqual(ids('1'), ['1', '4', 1]);
      assert.deepEqual(ids('5', '3'), ['5', '3', 0]);
      assert.match(chosen(all, { before: undefined, after: undefined }).notes[0]!, /^Both are runs of "\/shop\/app\.py"\.$/);
    });

    it('none where there are none, and says what there is', () => {
      for (const [before, after, why] of [
        [undefined, '1', /no earlier profile of the program of "1"; there are "1" \(app\.py \(1\)\), "2"/],
        ['4', undefined, /no later profile of the program of "4"/],
        ['9', undefined, /no profile "9"/],
        ['6', '1', /"6" has no samples/],
        ['1', '1', /are the same profile/],
      ] as const)
        assert.throws(
          () => chosen(all, { before, after }),
          (error) => error instanceof NoAnswer && why.test(error.message),
          String(why),
        );
      assert.throws(() => chosen(all.slice(2, 4), { before: undefined, after: undefined }), /No program was profiled twice in this window/);
      assert.throws(() => chosen([], { before: undefined, after: undefined }), /there is none with samples/);
    });
  });

  it('knows a program by its script’s path, or else by its name', () => {
    const of = (name: string, commandLine: readonly string[], workingDirectory: string | null): string | null =>
      programOf(profileOf({ processes: [{ name, commandLine, workingDirectory }], runs: [] }));
    assert.equal(of('app.py', ['python', '-u', 'src/app.py', 'app.py'], '/shop'), '/shop/src/app.py');
    assert.equal(of('app.py', ['app.py', '/a/../b/app.py'], null), '/b/app.py');
    assert.equal(of('app.py', ['python', 'app.py'], null), 'app.py');
    assert.equal(of('http.server', ['python', '-m', 'http.server'], '/srv'), '/srv/http.server');
    assert.equal(of('app', ['/usr/bin/app'], '/srv'), 'app in /srv');
    assert.equal(of('', [], null), null);
  });
});
