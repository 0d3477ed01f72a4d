import assert from 'node:assert/strict';
import fc from 'fast-check';
import '../testing/fakeVscode.ts';
import type { LineTime } from '../../profile/lines.ts';
import type { Format } from '../format.ts';

let format: Format;
before(async () => {
  const { Format: of } = await import('../format.ts');
  format = new of('en');
});
const time = (self: number, total: number): LineTime => ({ line: 1, self, total, samples: 1234 });

describe('lineText', () => {
  let lineText: typeof import('./lineText.ts').lineText;
  before(async () => ({ lineText } = await import('./lineText.ts')));

  it('says self and total, each only where it adds something', () => {
    assert.equal(lineText(time(430_000, 950_000), 1e6, 'share', format), '43% self · 95% total');
    assert.equal(lineText(time(430_000, 430_000), 1e6, 'share', format), '43% self');
    assert.equal(lineText(time(429_900, 430_000), 1e6, 'share', format), '43% self');
    assert.equal(lineText(time(100, 950_000), 1e6, 'share', format), '95% total');
  });

  it('says it in the chosen style', () => {
    assert.equal(lineText(time(430_000, 2_950_000), 1e7, 'time', format), '430 ms self · 3 s total');
    assert.equal(lineText(time(430_000, 2_940_000), 1e7, 'shareAndTime', format), '4.3% (430 ms) self · 29% (2.9 s) total');
  });

  it('says 0 where there is no time yet', () => assert.equal(lineText(time(0, 0), 0, 'share', format), '0% self'));
});

describe('hoverMarkdown', () => {
  let hover: typeof import('./heatHover.ts');
  before(async () => (hover = await import('./heatHover.ts')));

  it('says self, total, samples and callers with links to them', () => {
    const text = hover.hoverMarkdown(
      {
        sourceId: 'profile-1',
        title: 'app.py (process 7)',
        time: time(430_000, 800_000),
        totalTime: 1e6,
        whole: 'Shares of 1s',
        callers: [{ name: 'main', file: '/srv/a b.py', line: 12, time: 600_000, display: { name: 'main', file: '/srv/a b.py' } }],
      },
      format,
    );
    assert.match(text, /\| Self \| \*\*43%\*\* \| 430 ms \|/);
    assert.match(text, /\| Total \| \*\*80%\*\* \| 800 ms \|/);
    assert.match(text, /\| Samples \| 1,234 \|/);
    assert.match(
      text,
      /\| 75% \| \[main\]\(command:heatline\.openFrame\?%5B%22profile-1%22%2C%22%2Fsrv%2Fa%20b\.py%22%2C12%5D "Go to the call"\) \| a b\\\.py\\:12 \|/,
    );
    assert.match(text, /\(command:heatline\.showFlameGraph\?%5B%22profile-1%22%5D\)$/);
  });

  it('names the time a line waited for a core, where it is worth saying', () => {
    const facts = { sourceId: 'p', title: 'app', time: time(430_000, 800_000), totalTime: 1e6, whole: 'Shares of 1s', callers: [] };
    assert.match(hover.hoverMarkdown({ ...facts, ready: 1_200_000 }, format), /\| Ready, waiting for a core \| \| 1\.2 s \|/);
    assert.doesNotMatch(hover.hoverMarkdown({ ...facts, ready: 7000 }, format), /core/);
    assert.doesNotMatch(hover.hoverMarkdown(facts, format), /core/);
  });

  it('says what of its own time was native code’s and the system’s', () => {
    const facts = { sourceId: 'p', title: 'app', time: time(500_000, 800_000), totalTime: 1e6, whole: 'Shares of 1s', callers: [] };
    const split = { all: 500_000, python: 100_000, native: 350_000, interpreter: 20_000, system: 50_000, by: 'native frames' as const };
    const functions = [
      { name: 'dgemm_kernel', file: '/usr/lib/libopenblas.so.0', time: 300_000 },
      { name: 'a`|b', file: '', time: 50_000 },
      { name: 'rare', file: '', time: 4000 },
    ];
    const text = hover.hoverMarkdown({ ...facts, split: { ...split, functions } }, format);
    assert.match(
      text,
      /\| – of it in native code \| 35% \| 350 ms \|\n\| – of that in Python’s own C \| 2% \| 20 ms \|\n\| – of it in the system \| 5% \| 50 ms \|\n\| Total/,
    );
    assert.match(text, /^Of the line’s own time\\: 60% `dgemm_kernel` \\\(libopenblas\\\.so\\\.0\\\), 10% a\\`\\\|b$/m);
    const told = hover.hoverMarkdown(
      { ...facts, split: { ...split, interpreter: 0, system: 0, by: 'instructions', functions: [] } },
      format,
    );
    assert.match(told, /\| – of it in calls of C \| 35% \|/);
    assert.doesNotMatch(told, /system|own time/);
    assert.doesNotMatch(hover.hoverMarkdown(facts, format), /of it/);
  });

  it('lets no name of the target act as Markdown', () => {
    const evil = ')[x](command:workbench.action.quit) <img src=x> | `\n\n# big **b** $(zap)\u202e';
    const text = hover.hoverMarkdown(
      {
        sourceId: 'p',
        title: evil,
        time: time(1, 1),
        totalTime: 1,
        whole: evil,
        callers: [{ name: evil, file: `/x/${evil}`, line: 1, time: 1, display: { name: evil, file: `/x/${evil}` } }],
      },
      format,
    );
    const commands = [...text.matchAll(/(?<!\\)\]\(([^)]*)\)/g)].map((match) => match[1]!.split('?')[0]);
    assert.deepEqual(commands, ['command:heatline.openFrame', 'command:heatline.showFlameGraph']);
    assert.doesNotMatch(text, /(?<!\\)<img|^# |\u202e|(?<!\\)\$\(/m);
  });

  it('says which expressions took the time and how they were executed', () => {
    const expression = { line: 1, endLine: 1, startColumn: 1, endColumn: 2, samples: 3 };
    const facts = { sourceId: 'p', title: 'x', time: time(430_000, 800_000), totalTime: 1e6, whole: '', callers: [] };
    const text = hover.hoverMarkdown(
      {
        ...facts,
        expressions: [
          { ...expression, text: 'shop.price(\n    item)', opcode: 'CALL_PY_EXACT_ARGS', self: 0, total: 700_000 },
          { ...expression, text: 'noise', opcode: 'LOAD_FAST', self: 100, total: 100 },
          { ...expression, text: "a['x'] + größe", opcode: 'BINARY_OP', self: 90_000, total: 90_000 },
        ],
      },
      format,
    );
    assert.match(text, /^\| `shop\.price\( item\)` \| `CALL_PY_EXACT_ARGS` \|  \|  \| 70% \|$/m);
    assert.match(text, /^\| `a\['x'\] \+ größe` \| `BINARY_OP` \| \*\*9%\*\* \| 90 ms \| 9% \|$/m);
    assert.doesNotMatch(text, /noise/);
    assert.doesNotMatch(hover.hoverMarkdown(facts, format), /Expression|openSettings/);
    assert.match(
      hover.hoverMarkdown({ ...facts, offersExpressions: true }, format),
      /\[Show Time per Expression Next Time\]\(command:workbench\.action\.openSettings\?%5B%22heatline\.instructions%22%5D\)$/,
    );
  });

  it('shows source text as code that can’t end, in one cell, however long', () => {
    assert.equal(hover.code('f( x,\n\t y)'), '`f( x, y)`');
    assert.equal(hover.code('a | b'), 'a \\| b');
    assert.equal(hover.code("'`' + x"), "\\'\\`\\' \\+ x");
    assert.equal(hover.code("'\\|'"), "\\'\\\\\\|\\'");
    assert.equal(hover.code('𝔘'.repeat(200)), `\`${'𝔘'.repeat(20)} … ${'𝔘'.repeat(20)}\``);
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('`', '|', '\\', '\n', 'a', ' ', '*', '𝔘', '\u202e', '<', ']') }), (text) => {
        const shown = hover.code(text);
        const isCode = /^`[^`|\\\n]+`$/.test(shown);
        // Bars end cells unless an odd number of backslashes stands before them.
        assert.ok(isCode || [...shown.matchAll(/(\\*)[`|*<\]]/g)].every((match) => match[1]!.length % 2 === 1), shown);
        assert.doesNotMatch(shown, /[\n\u202e]/);
      }),
    );
  });

  it('draws bars of one width', () => {
    assert.deepEqual(
      [0, 0.5, 1].map((part) => hover.bar(part)),
      ['\u00a0'.repeat(10), '█████' + '\u00a0'.repeat(5), '█'.repeat(10)],
    );
    assert.equal(hover.bar(0.05), '▌' + '\u00a0'.repeat(9));
  });
});
