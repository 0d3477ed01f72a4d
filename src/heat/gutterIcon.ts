import { LEVELS } from './fileHeat.ts';

/**
 * Heat from faint to hottest as [red, green, blue]. Each ramp moves away from its background in
 * brightness and from yellow to red in hue, so that it reads on any theme and without colour vision.
 * The same figures are the defaults of the theme colours `heatline.heat1` to `heatline.heat16` (package.json).
 */
const RAMPS = {
  light: [
    [240, 200, 120],
    [236, 140, 32],
    [190, 20, 20],
  ],
  dark: [
    [110, 84, 40],
    [224, 140, 40],
    [255, 84, 60],
  ],
} as const;

/** The colour of a level (1 to 16) as "#rrggbb". */
export function heatColor(level: number, theme: 'light' | 'dark'): string {
  const position = (Math.min(LEVELS, Math.max(1, level)) - 1) / (LEVELS - 1);
  const [low, middle, high] = RAMPS[theme];
  const [from, to] = position < 0.5 ? [low, middle] : [middle, high];
  const mix = position < 0.5 ? position * 2 : position * 2 - 1;
  const channels = from.map((channel, i) => Math.round(channel + (to[i]! - channel) * mix));
  return `#${channels.map((channel) => channel.toString(16).padStart(2, '0')).join('')}`;
}

/** A bar that grows with the level from the right edge of the gutter, so that lines make a histogram, as SVG. */
export function gutterIcon(level: number, theme: 'light' | 'dark'): string {
  const width = 2 + (12 * (Math.max(1, level) - 1)) / (LEVELS - 1);
  const left = (15 - width).toFixed(1);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect x="${left}" y="1" width="${width.toFixed(1)}" height="14" rx="1" fill="${heatColor(level, theme)}"/></svg>`;
}
