import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { packageReadme } from './packageReadme.ts';

describe('The README of the package', () => {
  it('has no pictures and links that lead nowhere, and says where what they name is', () => {
    assert.equal(
      packageReadme('# H\n\n![A picture](media/a.png)\n\nSee [docs/a.md](docs/a.md#b), [below](#c) and [there](https://example.org).\n'),
      '# H\n\nThe documents named here come with the extension: **Heatline: Open Documentation** in the Command Palette.\n\nSee docs/a.md, [below](#c) and [there](https://example.org).\n',
    );
  });

  it('is made of ours', () => {
    const text = packageReadme(fs.readFileSync(path.join(import.meta.dirname, '../README.md'), 'utf8'));
    for (const [, target] of text.matchAll(/\]\(([^)]*)\)/g)) assert.match(target!, /^(https:|#)/);
    assert.match(text, /Open Documentation/);
  });
});
