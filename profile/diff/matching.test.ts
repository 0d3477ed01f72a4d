import assert from 'node:assert/strict';
import type { FunctionRecord } from '../delta.ts';
import { matchFunctions } from './matching.ts';

const functions = (...words: readonly string[]): FunctionRecord[] =>
  words.map((word, i) => {
    const [name = '', file = ''] = word.split('@');
    return { name, file, firstLine: i + 1 };
  });

/** `name@file = name@file` of what has a counterpart, and the others. */
function matched(before: readonly string[], after: readonly string[]): string[] {
  const text = (one: FunctionRecord | null): string => (one === null ? '–' : `${one.name}@${one.file}`);
  return matchFunctions(functions(...before), functions(...after)).functions.map((one) => `${text(one.before)} = ${text(one.after)}`);
}

describe('matchFunctions', () => {
  it('goes by name and file', () => {
    assert.deepEqual(matched(['f@/a.py', 'g@/a.py', 'h@/a.py'], ['g@/a.py', 'f@/a.py', 'k@/a.py']), [
      'f@/a.py = f@/a.py',
      'g@/a.py = g@/a.py',
      'h@/a.py = –',
      '– = k@/a.py',
    ]);
  });

  it('goes by the end of the file’s name where roots differ', () => {
    assert.deepEqual(matched(['f@/home/me/p/pkg/a.py'], ['f@/ci/p/pkg/a.py']), ['f@/home/me/p/pkg/a.py = f@/ci/p/pkg/a.py']);
    assert.deepEqual(matched(['f@/home/me/p/pkg/a.py'], ['f@pkg/a.py']), ['f@/home/me/p/pkg/a.py = f@pkg/a.py'], 'as raw has them');
    assert.deepEqual(matched(['f@C:\\p\\pkg\\a.py'], ['f@/p/pkg/a.py']), ['f@C:\\p\\pkg\\a.py = f@/p/pkg/a.py']);
    // The longest end: each has its own.
    assert.deepEqual(matched(['f@/x/one/a.py', 'f@/x/two/a.py'], ['f@/y/two/a.py', 'f@/y/one/a.py']), [
      'f@/x/one/a.py = f@/y/one/a.py',
      'f@/x/two/a.py = f@/y/two/a.py',
    ]);
  });

  it('does not guess where several could be meant, nor where the file has another name', () => {
    assert.deepEqual(matched(['f@/x/one/a.py', 'f@/x/two/a.py'], ['f@/y/three/a.py']), [
      'f@/x/one/a.py = –',
      'f@/x/two/a.py = –',
      '– = f@/y/three/a.py',
    ]);
    assert.deepEqual(matched(['f@/x/a.py'], ['f@/x/b.py']), ['f@/x/a.py = –', '– = f@/x/b.py']);
    assert.deepEqual(matched(['f@<one>'], ['f@<two>']), ['f@<one> = –', '– = f@<two>']);
    assert.deepEqual(matched(['f@'], ['f@/a.py']), ['f@ = –', '– = f@/a.py']);
  });

  it('takes the last part of names where one profile has no qualified ones', () => {
    assert.deepEqual(matched(['run@/a.py'], ['Job.run@/a.py']), ['run@/a.py = Job.run@/a.py']);
    assert.deepEqual(matched(['f.<locals>.g@/x/a.py'], ['g@/y/a.py']), ['f.<locals>.g@/x/a.py = g@/y/a.py']);
    assert.deepEqual(matched(['A.run@/a.py'], ['B.run@/a.py']), ['A.run@/a.py = –', '– = B.run@/a.py'], 'both are qualified');
    assert.deepEqual(matched(['run@/a.py'], ['A.run@/a.py', 'B.run@/a.py']), ['run@/a.py = –', '– = A.run@/a.py', '– = B.run@/a.py']);
  });

  it('makes one of what has the same name and file', () => {
    const {
      functions: all,
      ofBefore,
      ofAfter,
    } = matchFunctions(functions('<lambda>@/a.py', 'f@/a.py', '<lambda>@/a.py'), functions('f@/a.py', '<lambda>@/a.py'));
    assert.equal(all.length, 2);
    assert.deepEqual(
      [[...ofBefore], [...ofAfter]],
      [
        [0, 1, 0],
        [1, 0],
      ],
    );
  });

  it('is done in time however many have the same name', () => {
    const many = (root: string): string[] => Array.from({ length: 3000 }, (_, i) => `f@/${root}/${'d/'.repeat(70)}${i}/a.py`);
    const { functions: all } = matchFunctions(functions(...many('x')), functions(...many('y')));
    assert.equal(all.filter(({ before, after }) => before !== null && after !== null).length, 3000);
  });
});
