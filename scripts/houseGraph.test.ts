import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { root } from './command.ts';
import { arrowsOf, mermaidOf, withGraphs } from './houseGraph.ts';

describe('the pictures of rooms and floors', () => {
  it('in docs/architecture.md are those the sources make (else: node scripts/houseGraph.ts)', () => {
    const page = fs.readFileSync(path.join(root, 'docs/architecture.md'), 'utf8');
    assert.equal(page, withGraphs(page));
  });

  it('has an arrow for each way to import, and none within a floor', () => {
    const arrows = arrowsOf([
      ['cli/a.ts', "import { b } from '../native/index.ts';\nimport 'koffi';"],
      ['native/index.ts', "export * from './os/index.ts';\nexport type { C } from './engine.ts';"],
      ['native/os/index.ts', "const late = import('./linux/x.ts'); import type { D } from '../memory/memory.ts';"],
      ['src/a/b/c.ts', "import { d } from '../../../profile/x.ts';"],
    ]);
    assert.deepEqual(arrows, [
      ['cli', 'native'],
      ['native', 'native/os'],
      ['native', 'native/shared'],
      ['native/os', 'native/memory'],
      ['src', 'profile'],
    ]);
    const text = mermaidOf(arrows);
    for (const line of ['  cli --> native_files', '    native_os["os/"]', '  native_os --> native_memory', '  src["src/"]'])
      assert.ok(text.split('\n').includes(line), text);
  });

  it('needs a place on the page', () => {
    assert.throws(() => withGraphs('text'), /has no lines/);
  });
});
