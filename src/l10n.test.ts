import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import manifest from '../package.json' with { type: 'json' };
import { formats } from '../profile/formats/registry.ts';
import { commands } from './testing/commandIds.ts';

const read = (file: string): Record<string, string> => JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;
const placeholders = (text: string): string[] => (text.match(/\{\d+\}|\$\([\w~-]+\)|\(command:[\w.]+\)/g) ?? []).sort();

/** The English texts in the sources of the extension: the literals that are given to `t(…)`. */
const texts = new Set(
  globSync('src/**/*.ts', { exclude: ['**/*.test.ts', 'src/testing/**'] })
    .flatMap((file) => [...readFileSync(file, 'utf8').matchAll(/\bt\(\s*'((?:[^'\\]|\\.)*)'/g)])
    .map((match) => match[1]!),
);
// Texts that the registry of formats gives, which are no literals there.
for (const { purpose, lacks, unknown = null } of formats) for (const text of [purpose, lacks, unknown]) if (text !== null) texts.add(text);

describe('texts', () => {
  const english = read('package.nls.json');

  it('of the manifest are all there, and none is left over', () => {
    const used = [...JSON.stringify(manifest).matchAll(/"%([\w.]+)%"/g)].map((match) => match[1]!);
    assert.deepEqual([...new Set(used)].sort(), Object.keys(english).sort());
  });

  for (const file of globSync('package.nls.*.json')) {
    it(`of the manifest are translated (${file})`, () => {
      const translated = read(file);
      assert.deepEqual(Object.keys(translated), Object.keys(english));
      for (const [key, text] of Object.entries(translated)) assert.deepEqual(placeholders(text), placeholders(english[key]!), key);
    });
  }

  for (const file of globSync('l10n/bundle.l10n.*.json')) {
    it(`of the extension are translated (${file})`, () => {
      const translated = read(file);
      assert.deepEqual(
        [...texts].filter((text) => !Object.hasOwn(translated, text)),
        [],
      );
      for (const [text, translation] of Object.entries(translated)) assert.deepEqual(placeholders(translation), placeholders(text), text);
    });
  }
});

describe('the manifest', () => {
  const contributed = manifest.contributes.commands.map(({ command }) => command);

  it('has every command that is registered and listed for users, and no other', () => {
    const internal = ['heatline.openFrame', 'heatline.sessionMenu', 'heatline.chooseLookNode'];
    assert.deepEqual([...contributed, ...internal].sort(), [...commands].sort());
  });

  it('names only commands that there are in its menus and pictures', () => {
    const named = [
      ...JSON.stringify([manifest.contributes.menus, read('package.nls.json')]).matchAll(/(?:\(command:|"command":")(heatline\.\w+)/g),
    ].map((match) => match[1]!);
    assert.ok(named.length > 30);
    assert.deepEqual(
      named.filter((id) => !contributed.includes(id)),
      [],
    );
  });
});
