import assert from 'node:assert/strict';
import { LEVELS } from './fileHeat.ts';
import { gutterIcon, heatColor } from './gutterIcon.ts';
import manifest from '../../package.json' with { type: 'json' };

const levels = Array.from({ length: LEVELS }, (_, i) => i + 1);
/** Relative luminance as WCAG 2 defines it. */
const luminance = (color: string): number => {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const channel = parseInt(color.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
};
const contrast = (a: string, b: string): number => {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high! + 0.05) / (low! + 0.05);
};

describe('heat colours', () => {
  it('differ from level to level and stand out more the hotter they are', () => {
    for (const [theme, background] of [
      ['light', '#ffffff'],
      ['dark', '#1f1f1f'],
    ] as const) {
      const colors = levels.map((level) => heatColor(level, theme));
      assert.equal(new Set(colors).size, LEVELS);
      const contrasts = colors.map((color) => contrast(color, background));
      assert.ok(contrasts[0]! > 1.4, `${theme}: ${contrasts[0]!}`);
      assert.ok(contrasts.at(-1)! > 4.5, `${theme}: ${contrasts.at(-1)!}`);
    }
  });

  it('are the defaults of the contributed theme colours', () => {
    for (const level of levels) {
      const color = manifest.contributes.colors.find(({ id }) => id === `heatline.heat${level}`);
      assert.equal(color?.defaults.light, heatColor(level, 'light'));
      assert.equal(color.defaults.dark, heatColor(level, 'dark'));
    }
  });
});

describe('gutterIcon', () => {
  it('grows with the level inside its box', () => {
    const boxes = levels.map((level) => {
      const [, x, width] = /x="([\d.]+)" y="1" width="([\d.]+)"/.exec(gutterIcon(level, 'dark'))!;
      return { x: Number(x), width: Number(width) };
    });
    assert.ok(boxes.every(({ x, width }, i) => x >= 0 && x + width <= 16 && (i === 0 || width > boxes[i - 1]!.width)));
  });
});
