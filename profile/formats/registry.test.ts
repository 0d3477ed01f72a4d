import assert from 'node:assert/strict';
import { anyProfile } from '../testing/arbitrary.ts';
import fc from 'fast-check';
import { pageParts } from '../testing/pageParts.ts';
import { AnyReader, recognised } from './anyReader.ts';
import { START_LENGTH } from './format.ts';
import { formatNamed, formatOfFile, formats, isPacked, writtenFormats } from './registry.ts';

describe('the registry of formats', () => {
  it('has no two formats of one name or ending', () => {
    const names = formats.flatMap(({ id, aliases }) => [id, ...aliases]);
    assert.equal(new Set(names).size, names.length);
    const endings = formats.flatMap((format) => format.endings);
    assert.equal(new Set(endings).size, endings.length);
    for (const ending of endings) assert.match(ending, /^(\.[a-z\d]+)+$/);
  });

  it('finds a format by each of its names', () => {
    assert.equal(formatNamed('collapsed')?.id, 'raw');
    assert.equal(formatNamed('raw')?.id, 'raw');
    assert.equal(formatNamed('heatline')?.id, 'firefox');
    assert.equal(formatNamed('nothing'), undefined);
  });

  it('finds a format by the longest ending of a file', () => {
    const expected = {
      '/a/b.heatline.json.gz': 'firefox',
      'b.heatline.json': 'firefox',
      'b.JSON': 'firefox',
      'b.json.gz': 'firefox',
      'b.speedscope.json': 'speedscope',
      'b.speedscope.json.gz': 'speedscope',
      'b.collapsed.txt': 'raw',
      'b.folded': 'raw',
      'b': undefined,
      'b.gz': undefined,
    };
    for (const [name, id] of Object.entries(expected)) assert.equal(formatOfFile(name)?.id, id, name);
  });

  it('packs what is named so, and its own files unless they are named otherwise', () => {
    const packed = (id: string, name: string | null): boolean => isPacked(formatNamed(id)!, name);
    assert.ok(packed('firefox', null) && packed('firefox', 'out') && packed('firefox', 'a.heatline.json.gz') && packed('raw', 'a.TXT.GZ'));
    assert.ok(!packed('firefox', 'a.json') && !packed('raw', null) && !packed('raw', 'a.txt') && !packed('speedscope', 'out'));
  });

  it('tells a format by what its writer wrote, whatever the profile', () => {
    const readable = writtenFormats.filter(({ read }) => read !== undefined);
    fc.assert(
      fc.property(anyProfile, fc.constantFrom(...readable), (profile, { id, write }) => {
        const bytes = Buffer.concat([...write(profile, { page: () => pageParts })].map((piece) => Buffer.from(piece)));
        fc.pre(profile.runs.stacks.some((stack, run) => stack > 0 && profile.runs.durations[run]! > 0)); // else there may be nothing to tell
        assert.equal(recognised(bytes.subarray(0, START_LENGTH))?.id, id);
        const reader = new AnyReader();
        reader.push(bytes);
        assert.equal(reader.end().delta.sequence, 0);
      }),
    );
  });

  it('says that a file is in none of them, and that one is empty', () => {
    assert.throws(() => {
      const reader = new AnyReader();
      reader.push(Buffer.from('\u0000\u0001'.repeat(50_000)));
      reader.end();
    }, /This is no profile in a format that Heatline can read: .*Firefox Profiler/);
    assert.throws(() => new AnyReader().end(), /empty/);
  });
});
