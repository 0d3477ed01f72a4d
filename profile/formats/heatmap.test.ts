import assert from 'node:assert/strict';
import fc from 'fast-check';
import { lineTimes } from '../lines.ts';
import { anyProfile } from '../testing/arbitrary.ts';
import { profileOf } from '../testing/build.ts';
import { StackWeights } from '../weights.ts';
import type { WriteOptions } from './format.ts';
import { heatmap, printable } from './heatmap.ts';
import { heatmapHtml } from './heatmapHtml.ts';
import { heatmapText } from './heatmapText.ts';

const source = Array.from({ length: 20 }, (_, i) => `line ${i + 1}`).join('\n');
const options = (sources: Readonly<Record<string, string>>): WriteOptions => ({ sourceOf: (file) => sources[file] });

describe('heat maps', () => {
  const profile = profileOf({
    files: { g: '/work/lib.py' },
    runs: [{ stack: 'main:2 f:12 f:13', count: 6 }, { stack: 'main:2 g:4', count: 3 }, { stack: 'main:2' }],
  });

  it('have the lines that were seen, and some around them, with what they took', () => {
    assert.equal(
      [...heatmapText(profile, options({ '/work/app.py': source }))].join(''),
      `app.py (4242): 10.0 ms in 10 samples
self: in the line itself; total: with what it called. Sources are as they were when this was written.

/work/app.py  (self: 7.0 ms, 70.0 %)
   self ms     %  total ms     %  line
                                     1  line 1
       1.0  10.0      10.0 100.0     2  line 2
                                     3  line 3
                                     4  line 4
                                     5  line 5
                                     ⋮
                                     9  line 9
                                    10  line 10
                                    11  line 11
                       6.0  60.0    12  line 12
       6.0  60.0       6.0  60.0    13  line 13
                                    14  line 14
                                    15  line 15
                                    16  line 16

/work/lib.py  (self: 3.0 ms, 30.0 %)
   self ms     %  total ms     %  line
       3.0  30.0       3.0  30.0     4
`,
    );
  });

  it('have all lines that were seen, whatever the source is by now', () => {
    fc.assert(
      fc.property(anyProfile, fc.option(fc.nat(4), { nil: undefined }), (any, length) => {
        const { files } = heatmap(any, { sourceOf: () => (length === undefined ? undefined : 'x\n'.repeat(length)) });
        const expected = lineTimes(new StackWeights(any));
        assert.equal(files.length, expected.size);
        for (const { file, lines } of files)
          assert.deepEqual(
            lines.filter(({ total }) => total > 0).map(({ line, self, total }) => [line, self, total]),
            expected.get(file)!.flatMap(({ line, self, total }) => (total > 0 ? [[line, self, total]] : [])),
          );
      }),
    );
  });

  it('have the samples that are asked for only', () => {
    const idle = profileOf({ runs: [{ stack: 'a:1' }, { stack: 'b:2', flags: 0 }] });
    assert.doesNotMatch([...heatmapText(idle, { samples: { onCpuOnly: true } })].join(''), /^.* {5}2$/m);
  });

  it('let nothing of a profile or a source be anything but text', () => {
    const evil = '</td><script>alert(1)</script>"\'&\u001b[2J\u202e';
    const named = profileOf({ files: { f: evil }, processes: [{ name: evil }], runs: [{ stack: 'f:1' }] });
    const page = [...heatmapHtml(named, options({ [evil]: evil }))].join('');
    assert.ok(!page.includes('<script') && !page.includes('\u001b') && !page.includes('\u202e'));
    assert.equal(page.split('&lt;script&gt;').length, 5); // title, heading, file, line
    const tags = new Set([...page.matchAll(/<(\w+)/g)].map(([, tag]) => tag));
    assert.deepEqual([...tags].sort(), [
      'body',
      'code',
      'details',
      'h1',
      'head',
      'html',
      'meta',
      'p',
      'style',
      'summary',
      'table',
      'td',
      'th',
      'title',
      'tr',
    ]);
    assert.match(page, /Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'/);
    assert.doesNotMatch(page, / (?:style|on\w+|src|href)=/);
    assert.ok(![...heatmapText(named, options({ [evil]: evil }))].join('').includes('\u001b'));
    assert.equal(printable('a\tb\n'), 'a\tb\ufffd');
  });

  it('shade lines by their self time', () => {
    const page = [...heatmapHtml(profile, options({ '/work/app.py': source }))].join('');
    assert.match(page, /<tr class="h10"><td>6\.0<\/td><td>60\.0<\/td><td>6\.0<\/td><td>60\.0<\/td><td>13<\/td><td>line 13<\/td><\/tr>/);
    assert.match(page, /<tr class="h5"><td>1\.0<\/td>/);
    assert.match(page, /<tr><td><\/td><td><\/td><td>6\.0<\/td><td>60\.0<\/td><td>12<\/td>/);
  });
});
