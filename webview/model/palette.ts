import { processOfNode } from '../../profile/callTree.ts';
import { HIDDEN, ROOT } from '../messages.ts';
import { css, fromOklch, luminance, mix, mixOklch, pixel, type Oklch, type Rgb } from './color.ts';
import type { FlameTree } from './flameTree.ts';
import type { Origin } from '../../profile/libraries.ts';
import type { Functions } from './functions.ts';

/**
 * A box's colour says two things. Where the code comes from: one's own is warm, installed packages
 * are greenish, the standard library is bluish, native code is violet. And how much time goes in the box itself: the more
 * self time, the closer to red, whatever its origin. Slight steps in lightness, by function, keep
 * neighbours apart.
 */
export interface Palette {
  readonly background: Rgb;
  /** By colour class (colorClasses). */
  readonly boxes: readonly Rgb[];
  /** The same for ImageData. */
  readonly pixels: Uint32Array;
  /** Boxes that don't match while others do. */
  readonly faded: Rgb;
  /** Many boxes too narrow to draw. */
  readonly merged: Rgb;
  /** Between boxes. */
  readonly gap: Rgb;
  readonly text: Rgb;
  readonly fadedText: Rgb;
}

const ORIGINS: readonly Origin[] = ['own', 'library', 'standard', 'generated', 'native'];
const SHADES = 3;
/** Shares of the whole's time from which a box's own time counts as hotter. */
const HEAT_FROM = [0.001, 0.005, 0.02, 0.06, 0.15];
export const HEAT_LEVELS = HEAT_FROM.length + 1;
const ROOT_CLASS = ORIGINS.length * HEAT_LEVELS * SHADES;
const HIDDEN_CLASS = ROOT_CLASS + 1;

/**
 * The colour class of every node: an index into a palette's boxes.
 * @param inverted the tree goes from the leaves to their callers: the boxes next to the root are where time is spent
 */
export function colorClasses(tree: FlameTree, functions: Functions, inverted: boolean): Uint8Array {
  const classes = new Uint8Array(tree.length);
  for (let node = 0; node < tree.length; node++) {
    const func = tree.func[node]!;
    if (func === ROOT || processOfNode(func) !== undefined) classes[node] = ROOT_CLASS;
    else if (func === HIDDEN) classes[node] = HIDDEN_CLASS;
    else {
      const own = inverted ? (tree.depth[node] === 1 ? tree.total[node]! : 0) : tree.self[node]!;
      classes[node] = classOf(functions.origin(func), heatLevel(own / tree.total[0]!), func % SHADES);
    }
  }
  return classes;
}

/** The colour class of a function whose time is not what this is about. */
export function functionClass(functions: Functions, func: number): number {
  return classOf(functions.origins[func] ?? 'own', 0, func % SHADES);
}

function classOf(origin: Origin, heat: number, shade: number): number {
  return (ORIGINS.indexOf(origin) * HEAT_LEVELS + heat) * SHADES + shade;
}

export function heatLevel(share: number): number {
  let level = 0;
  while (level < HEAT_FROM.length && share >= HEAT_FROM[level]!) level++;
  return level;
}

interface Recipe {
  readonly cold: Record<Origin, Oklch>;
  readonly hot: Oklch;
  readonly root: Oklch;
  readonly shade: number;
  readonly text: Rgb;
}

const RECIPES: Record<'light' | 'dark' | 'highContrastLight' | 'highContrastDark', Recipe> = {
  light: {
    cold: {
      own: [0.9, 0.075, 85],
      library: [0.9, 0.035, 160],
      standard: [0.89, 0.03, 250],
      generated: [0.9, 0.005, 90],
      native: [0.87, 0.045, 305],
    },
    hot: [0.72, 0.165, 35],
    root: [0.86, 0, 0],
    shade: 0.014,
    text: [0.09, 0.08, 0.08],
  },
  dark: {
    cold: {
      own: [0.77, 0.095, 82],
      library: [0.68, 0.05, 165],
      standard: [0.66, 0.045, 250],
      generated: [0.66, 0.005, 90],
      native: [0.67, 0.07, 305],
    },
    hot: [0.66, 0.19, 35],
    root: [0.62, 0, 0],
    shade: 0.018,
    text: [0.08, 0.07, 0.06],
  },
  highContrastLight: {
    cold: {
      own: [0.95, 0.05, 90],
      library: [0.96, 0.025, 160],
      standard: [0.955, 0.025, 250],
      generated: [0.96, 0, 0],
      native: [0.95, 0.03, 305],
    },
    hot: [0.8, 0.12, 40],
    root: [0.93, 0, 0],
    shade: 0,
    text: [0, 0, 0],
  },
  highContrastDark: {
    cold: {
      own: [0.27, 0.05, 75],
      library: [0.25, 0.03, 165],
      standard: [0.26, 0.04, 255],
      generated: [0.24, 0, 0],
      native: [0.27, 0.06, 305],
    },
    hot: [0.42, 0.15, 30],
    root: [0.3, 0, 0],
    shade: 0,
    text: [1, 1, 1],
  },
};

/**
 * @param background of the editor
 * @param border `contrastBorder`, which only high-contrast themes have
 */
export function makePalette(background: Rgb, border: Rgb | undefined): Palette {
  const light = luminance(background) > 0.4;
  const recipe = RECIPES[border === undefined ? (light ? 'light' : 'dark') : light ? 'highContrastLight' : 'highContrastDark'];
  const boxes: Rgb[] = [];
  for (const origin of ORIGINS) {
    for (let heat = 0; heat < HEAT_LEVELS; heat++) {
      const [lightness, chroma, hue] = mixOklch(recipe.cold[origin], recipe.hot, heat / (HEAT_LEVELS - 1));
      for (let shade = 0; shade < SHADES; shade++) boxes.push(fromOklch([lightness + (shade - 1) * recipe.shade, chroma, hue]));
    }
  }
  const merged = fromOklch(mixOklch(recipe.cold.own, recipe.hot, 0.25));
  boxes.push(fromOklch(recipe.root), mix(background, merged, 0.45));
  return {
    background,
    boxes,
    pixels: Uint32Array.from(boxes, pixel),
    faded: mix(background, light ? [0, 0, 0] : [1, 1, 1], light ? 0.07 : 0.1),
    merged: mix(background, merged, 0.75),
    gap: border ?? background,
    text: recipe.text,
    fadedText: mix(background, light ? [0, 0, 0] : [1, 1, 1], 0.62),
  };
}

/** For legends: cold to hot. */
export function heatColors(palette: Palette, origin: Origin): readonly string[] {
  return Array.from({ length: HEAT_LEVELS }, (_, heat) => css(palette.boxes[classOf(origin, heat, 1)]!));
}
