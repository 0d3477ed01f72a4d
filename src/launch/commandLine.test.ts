import assert from 'node:assert/strict';
import fc from 'fast-check';
import { joinArguments, splitArguments } from './commandLine.ts';

describe('splitArguments', () => {
  it('does as a shell does, without expanding', () => {
    assert.deepEqual(splitArguments(`  --name "a b" 'c"d' e\\ f "g\\"h\\n" x'y'"z" "" $HOME *  `, 'linux'), [
      '--name',
      'a b',
      'c"d',
      'e f',
      'g"h\\n',
      'xyz',
      '',
      '$HOME',
      '*',
    ]);
  });
  it('leaves backslashes alone on Windows', () => assert.deepEqual(splitArguments('C:\\data\\in.csv', 'win32'), ['C:\\data\\in.csv']));
  it('refuses an open quote', () =>
    assert.deepEqual(
      [`"a`, `'a`, `a "b' c`].map((text) => splitArguments(text)),
      [undefined, undefined, undefined],
    ));
  it('gives back what joinArguments wrote', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 12 })), fc.constantFrom<NodeJS.Platform>('linux', 'win32'), (args, platform) =>
        assert.deepEqual(splitArguments(joinArguments(args), platform), args),
      ),
    );
  });
});
