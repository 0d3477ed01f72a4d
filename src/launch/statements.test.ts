import assert from 'node:assert/strict';
import fc from 'fast-check';
import { entryPoint } from './entryPoint.ts';
import { statements } from './statements.ts';

const lines = (source: string): string[] => [...statements(source)].map(({ line, indent, text }) => `${line}:${indent}:${text}`);

describe('statements', () => {
  it('are found with their lines and indentation', () => {
    assert.deepEqual(lines('import a\n\n# no\nclass B:\n    x = 1\n\tdef f(self): pass\n'), [
      '0:0:import a',
      '3:0:class B:',
      '4:4:x = 1',
      '5:8:def f(self): pass',
    ]);
  });

  it('swallow what is in brackets, strings and continued lines', () => {
    const source = [
      'call(',
      'def no(',
      ')',
      ')',
      's = """',
      'if no:',
      "'''",
      '"""',
      'x = 1 + \\',
      'if_no',
      "t = 'it\\'s' # '''",
      'y = {',
      "'}': 1}",
      'last',
    ].join('\n');
    assert.deepEqual(lines(source), ['0:0:call(', '4:0:s = """', '8:0:x = 1 + \\', `10:0:t = 'it\\'s' # '''`, '11:0:y = {', '13:0:last']);
  });

  it('know all of themselves and where they end', () => {
    const source = 'if x:\n  call(a, # no\n       b)\nlast';
    assert.deepEqual(
      [...statements(source)].map(({ whole, endLine }) => [whole, endLine]),
      [
        ['if x:', 0],
        ['call(a, # no\n       b)', 2],
        ['last', 3],
      ],
    );
  });

  it('are the same with every kind of line end', () => {
    const source = 'a = """\n\\\nx"""\nb(\n)\nc\n';
    assert.deepEqual(lines(source), ['0:0:a = """', '3:0:b(', '5:0:c']);
    for (const end of ['\r\n', '\r']) assert.deepEqual(lines(source.replaceAll('\n', end)), lines(source));
  });

  it('go on after a string that is not closed and a bracket too many', () => {
    assert.deepEqual(lines("a = 'oops\nb)\nc"), ["0:0:a = 'oops", '1:0:b)', '2:0:c']);
  });

  it('have lines of the source, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', ' ', '\t', '\n', '\r', '"', "'", '\\', '#', '(', ')', ':'), maxLength: 60 }),
        (source) => {
          const all = source.split(/\r\n|\r|\n/);
          let before = -1;
          for (const { line, text } of statements(source)) {
            assert.ok(line > before && all[line]!.trim().includes(text.trim()), `line ${line} of ${JSON.stringify(source)}`);
            before = line;
          }
        },
      ),
    );
  });
});

describe('entryPoint', () => {
  it('is the main guard, however it is written', () => {
    for (const guard of [
      'if __name__ == "__main__":',
      "if __name__=='__main__' :",
      'if (__name__ == "__main__"):',
      'if "__main__" == __name__: main()',
    ]) {
      assert.deepEqual(entryPoint(`import os\n\ndef main(): pass\n\n${guard}\n    main()\n`), { line: 4, isMainGuard: true }, guard);
    }
  });

  it('is no main guard in a string, a function or a comment', () => {
    const source = '"""\nif __name__ == "__main__":\n"""\n# if __name__ == "__main__":\ndef f():\n    if __name__ == "__main__": pass\n';
    assert.deepEqual(entryPoint(source), { line: 4, isMainGuard: false });
  });

  it('else is the first statement after the docstring', () => {
    assert.deepEqual(entryPoint('#!/usr/bin/env python3\nr"""Docs.\n\nMore.\n"""\n\nimport os\n'), { line: 6, isMainGuard: false });
    assert.deepEqual(entryPoint('print("x")\n'), { line: 0, isMainGuard: false });
  });

  it('is nowhere in a file that does nothing', () => {
    for (const source of ['', '\n\n', '# only\n', '"""Docs."""\n']) assert.equal(entryPoint(source), undefined);
  });

  it('is nowhere in a file that imports from beside it, unless that says otherwise', () => {
    for (const source of ['from . import text\n\nprint(text)\n', 'import re\nfrom .text import stem\n', 'from ..words import stem\n'])
      assert.equal(entryPoint(source), undefined);
    assert.deepEqual(entryPoint('from .text import stem\n\nif __name__ == "__main__":\n    stem()\n'), { line: 2, isMainGuard: true });
    assert.deepEqual(entryPoint('def later():\n    from .text import stem\n\nprint(1)\n'), { line: 0, isMainGuard: false });
  });
});
