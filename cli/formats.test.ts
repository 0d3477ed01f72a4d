import assert from 'node:assert/strict';
import { writtenFormats as formats } from '../profile/formats/registry.ts';
import { formatOfFile, parseFormat } from './formats.ts';
import { UsageError } from './values.ts';

describe('formats of the command line', () => {
  it('have names of which each means one', () => {
    const names = formats.flatMap(({ id, aliases }) => [id, ...aliases]);
    assert.equal(new Set(names).size, names.length);
    for (const { id, aliases } of formats) for (const name of [id, ...aliases]) assert.equal(parseFormat(name), id);
  });

  it('are told by the endings that new files get', () => {
    for (const { id, endings } of formats) assert.equal(formatOfFile(`some.file${endings[0]!}`), id);
    assert.equal(formatOfFile('file'), undefined);
    assert.equal(formatOfFile('file.py'), undefined);
  });

  it('say which they are when another one is asked for', () => {
    assert.throws(() => parseFormat('pdf'), { name: 'UsageError', message: /^unknown format 'pdf'\. There are: .*raw/ });
    assert.throws(() => parseFormat('constructor'), UsageError);
    assert.throws(() => formatOfFile('a.mojo'), {
      name: 'UsageError',
      message: /^a\.mojo has an ending of MOJO, which Heatline reads but does not write/,
    });
  });
});
