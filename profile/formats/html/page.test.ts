import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ProfileFormatError } from '../../profileFormatError.ts';
import { anyProfile } from '../../testing/arbitrary.ts';
import { profileOf as inWords } from '../../testing/build.ts';
import { pageParts as parts } from '../../testing/pageParts.ts';
import { firefoxText } from '../firefox.ts';
import { profileOf } from '../savedProfile.ts';
import { pageBounds, profileMark, profilePage, setupMark } from './page.ts';
import { PageReader } from './pageReader.ts';

function read(text: string, pieceLength = Infinity): ReturnType<typeof profileOf> {
  const bytes = Buffer.from(text);
  const reader = new PageReader();
  for (let at = 0; at < bytes.length; at += pieceLength) reader.push(bytes.subarray(at, at + pieceLength));
  return profileOf(reader.end());
}

describe('a page with a profile', () => {
  it('has it in whole', () => {
    fc.assert(
      fc.property(anyProfile, fc.integer({ min: 1, max: 300 }), (profile, pieceLength) => {
        const written = [...profilePage(profile, parts)].join('');
        assert.equal([...firefoxText(read(written, pieceLength))].join(''), [...firefoxText(read(written))].join(''));
        assert.equal(read(written).quality.samples, profile.quality.samples);
      }),
    );
  });

  it('has no name that could end its element', () => {
    const name = '</script><script>alert(1)</script><!--';
    const written = [...profilePage(inWords({ runs: [{ stack: `${name}:1` }], files: { [name]: name }, threads: [{ name }] }), parts)].join(
      '',
    );
    assert.equal(written.split('<').length, parts.template.split('<').length);
    assert.equal(read(written).functions[0]!.name, name);
  });

  it('is refused without one, and cut off', () => {
    assert.throws(
      () => read('<html>'),
      new ProfileFormatError('This page has no profile in it: Heatline did not write it, or it was changed since.'),
    );
    const written = [...profilePage(inWords({ runs: [{ stack: 'f:1' }] }), parts)].join('');
    assert.throws(() => read(written.slice(0, written.indexOf('"samples"'))), ProfileFormatError);
  });

  it('takes a template with one place for it', () => {
    for (const template of ['', setupMark, `${setupMark}${profileMark}${profileMark}`])
      assert.throws(() => [...profilePage(inWords({ runs: [] }), { ...parts, template }, pageBounds)], /has not one/);
  });
});
