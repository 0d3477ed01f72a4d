import type { Range } from '../model/camera.ts';
import type { FlameTree } from '../model/flameTree.ts';
import type { Functions } from '../model/functions.ts';
import type { NodeIndex } from '../model/nodeIndex.ts';
import type { Theme } from './theme.ts';

/** A tree and what is derived from it, once per tree. */
export interface Picture {
  readonly tree: FlameTree;
  readonly index: NodeIndex;
  /** colorClasses of the tree. */
  readonly classes: Uint8Array;
  /** From the leaves to their callers. */
  readonly inverted: boolean;
}

/** What is written in boxes that are no functions. */
export interface Labels {
  readonly root: string;
  /** By id. */
  readonly processes: readonly string[];
}

/** All that a frame of the flame graph depends on. */
export interface Scene {
  readonly picture: Picture;
  readonly functions: Functions;
  readonly theme: Theme;
  /** 1 by node. */
  readonly marked: Uint8Array | undefined;
  readonly view: Range;
  /** Node, or -1. */
  readonly selected: number;
  /** Node, or -1. */
  readonly hovered: number;
  readonly focused: boolean;
  readonly labels: Labels;
  readonly geometry: Geometry;
}

/** CSS pixels of a row, its lower gap included. */
export const ROW_HEIGHT = 20;

/** Where rows are, in CSS pixels. */
export interface Geometry {
  readonly width: number;
  readonly height: number;
  readonly scrollTop: number;
  readonly rows: number;
  /** The root is the lowest row, and callees stand on their callers. */
  readonly rootBelow: boolean;
}

export function contentHeight({ rows, height }: Geometry): number {
  return Math.max(height, rows * ROW_HEIGHT);
}

/** Upper edge of a row in the view. */
export function rowTop(geometry: Geometry, row: number): number {
  const top = geometry.rootBelow ? contentHeight(geometry) - (row + 1) * ROW_HEIGHT : row * ROW_HEIGHT;
  return top - geometry.scrollTop;
}

/** The row at a height in the view; may lie outside the tree. */
export function rowAt(geometry: Geometry, y: number): number {
  const top = y + geometry.scrollTop;
  return Math.floor((geometry.rootBelow ? contentHeight(geometry) - top : top) / ROW_HEIGHT);
}

/** First and last row in view. */
export function visibleRows(geometry: Geometry): readonly [first: number, last: number] {
  const a = rowAt(geometry, 0);
  const b = rowAt(geometry, geometry.height - 1);
  return [Math.max(0, Math.min(a, b)), Math.min(geometry.rows - 1, Math.max(a, b))];
}
