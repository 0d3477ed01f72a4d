import assert from 'node:assert/strict';
import { contrast, css, fromOklch, luminance, parseColor, pixel, type Rgb } from './color.ts';
import { colorClasses, heatLevel, HEAT_LEVELS, makePalette } from './palette.ts';
import { functionsOf } from './testFunctions.ts';
import { treeOf } from './testTrees.ts';

const THEMES: Record<string, { background: Rgb; border?: Rgb; least: number }> = {
  'light': { background: [1, 1, 1], least: 4.5 },
  'light, tinted': { background: [0.99, 0.96, 0.89], least: 4.5 },
  'dark': { background: [0.12, 0.12, 0.12], least: 4.5 },
  'dark, blue': { background: [0, 0.17, 0.21], least: 4.5 },
  'high contrast': { background: [0, 0, 0], border: [0.44, 0.76, 0.87], least: 7 },
  'high contrast light': { background: [1, 1, 1], border: [0.06, 0.29, 0.52], least: 7 },
};

describe('palettes', () => {
  for (const [name, { background, border, least }] of Object.entries(THEMES)) {
    const palette = makePalette(background, border);

    it(`keep labels readable: ${name}`, () => {
      for (const box of palette.boxes.slice(0, -1))
        assert.ok(contrast(box, palette.text) >= least, `${css(box)}: ${contrast(box, palette.text).toFixed(2)}`);
      assert.ok(contrast(palette.faded, palette.fadedText) >= 4.5);
    });

    it(`let boxes stand out: ${name}`, () => {
      for (const box of palette.boxes) assert.notEqual(css(box), css(background));
      if (border !== undefined) for (const box of palette.boxes) assert.ok(contrast(box, palette.gap) >= 2, css(box));
    });
  }
});

describe('colorClasses', () => {
  const functions = functionsOf(
    { name: 'a', file: '/home/ada/a.py', firstLine: 1 },
    { name: 'b', file: '/usr/lib/python3.12/b.py', firstLine: 1, library: '<standard library>' },
  );
  const palette = makePalette([1, 1, 1], undefined);
  /** More red than blue, as far as it goes. */
  const warmth = ([red, , blue]: Rgb): number => red - blue;

  it('are hotter where time is spent, and tell where code comes from', () => {
    const tree = treeOf(['all 1000', ' a 1000', '  b 900', '   a 100']);
    const [, caller, hot] = Array.from(colorClasses(tree, functions, false), (index) => palette.boxes[index]!);
    assert.ok(warmth(hot!) > warmth(caller!));
    const [, own, standard] = Array.from(
      colorClasses(treeOf(['all 1000', ' a 0', ' b 0']), functions, false),
      (index) => palette.boxes[index]!,
    );
    assert.ok(warmth(own!) > warmth(standard!));
  });

  it('are hot next to the root of an inverted tree', () => {
    const tree = treeOf(['all 1000', ' a 1000', '  b 1000']);
    const [, leaf, caller] = Array.from(colorClasses(tree, functions, true), (index) => palette.boxes[index]!);
    assert.ok(warmth(leaf!) > warmth(caller!));
  });

  it('rise with the share of time', () => {
    const levels = [0, 0.002, 0.01, 0.03, 0.1, 0.5].map(heatLevel);
    assert.deepEqual(levels, [0, 1, 2, 3, 4, 5]);
    assert.equal(HEAT_LEVELS, 6);
    assert.equal(heatLevel(NaN), 0);
  });
});

describe('colours', () => {
  it('are read as VS Code writes them', () => {
    assert.deepEqual(
      parseColor('#1f1f1f', [0, 0, 0])?.map((channel) => Math.round(channel * 255)),
      [31, 31, 31],
    );
    assert.deepEqual(parseColor(' #FFF ', [0, 0, 0]), [1, 1, 1]);
    assert.deepEqual(parseColor('rgba(255, 0, 0, 0.5)', [0, 0, 1]), [0.5, 0, 0.5]);
    assert.deepEqual(
      parseColor('#ff000080', [0, 0, 0])?.map((channel) => Math.round(channel * 255)),
      [128, 0, 0],
    );
    assert.deepEqual(
      parseColor('rgb(0 128 255 / 100%)', [0, 0, 0])?.map((channel) => Math.round(channel * 255)),
      [0, 128, 255],
    );
    for (const bad of ['', 'red', '#12345', 'rgb(1,2)', 'rgb(a, b, c)', '#ggg']) assert.equal(parseColor(bad, [0, 0, 0]), undefined, bad);
  });

  it('convert', () => {
    assert.deepEqual(
      fromOklch([1, 0, 0]).map((channel) => Math.round(channel * 255)),
      [255, 255, 255],
    );
    assert.deepEqual(
      fromOklch([0.628, 0.2577, 29.23]).map((channel) => Math.round(channel * 255)),
      [255, 0, 0],
    );
    assert.equal(pixel([1, 0.5, 0]), 0xff0080ff);
    assert.equal(luminance([1, 1, 1]), 1);
    assert.equal(Math.round(contrast([1, 1, 1], [0, 0, 0])), 21);
  });
});
