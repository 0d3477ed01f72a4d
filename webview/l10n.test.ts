import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';

/** The English texts in the page's sources: the literals that are given to `t(…)`. The host sends the extension's bundle to the page. */
const texts = new Set(
  globSync('{webview,page}/**/*.ts', { exclude: ['**/*.test.ts', 'webview/dev/**'] })
    .flatMap((file) => [...readFileSync(file, 'utf8').matchAll(/\bt\(\s*'((?:[^'\\]|\\.)*)'/g)])
    .map((match) => match[1]!),
);

describe('texts of the page', () => {
  it('are found', () => {
    assert.ok(texts.size > 100);
  });

  for (const file of globSync('l10n/bundle.l10n.*.json')) {
    it(`are translated (${file})`, () => {
      const translated = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;
      assert.deepEqual(
        [...texts].filter((text) => !Object.hasOwn(translated, text)),
        [],
      );
    });
  }
});
