import { processOfNode } from '../../profile/callTree.ts';
import { t } from '../l10n.ts';
import { HIDDEN, ROOT } from '../messages.ts';
import { css, pixel } from '../model/color.ts';
import { rightEdge } from '../model/flameTree.ts';
import { LabelList, paintRow, type Paint } from '../model/scanline.ts';
import { fitCanvas, Lettering, opaqueContext } from './canvas.ts';
import { ROW_HEIGHT, rowTop, visibleRows, type Scene } from './scene.ts';

const FONT_SIZE = 12;
/** CSS pixels between a box's edge and its label. */
const PADDING = 5;
/** Boxes narrower than this many CSS pixels have no label. */
const LABEL_FROM = 26;
/** CSS pixels left over from which on a label also names the file. */
const FILE_FROM = 60;

/**
 * Draws the flame graph. Boxes are painted as one line of pixels per row (scanline.ts) and
 * stretched to the row's height; so a frame costs the rows in view and their labels, whatever the
 * number of nodes.
 */
export class FlamePainter {
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  readonly #strip = document.createElement('canvas');
  readonly #stripContext: CanvasRenderingContext2D;
  readonly #lettering: Lettering;
  readonly #labels = new LabelList();
  #image = new ImageData(1, 1);
  #pixels = new Uint32Array(this.#image.data.buffer);

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
    this.#context = opaqueContext(canvas);
    this.#lettering = new Lettering(this.#context);
    this.#stripContext = this.#strip.getContext('2d', { willReadFrequently: true })!;
  }

  draw(scene: Scene): void {
    const { geometry, theme } = scene;
    const { ratio, width, height } = fitCanvas(this.#canvas, geometry);
    const context = this.#context;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = css(theme.palette.background);
    context.fillRect(0, 0, width, height);
    const [first, last] = visibleRows(geometry);
    if (last < first) return;
    this.#labels.clear();
    this.#paintRows(scene, first, last, width, ratio);
    this.#drawRows(scene, first, last, width, ratio);
    this.#drawLabels(scene, ratio);
    this.#outline(scene, scene.hovered, ratio, 1, theme.foreground);
    this.#outline(scene, scene.selected, ratio, 2, scene.focused || theme.highContrast ? theme.focus : theme.foreground);
  }

  #paintRows(scene: Scene, first: number, last: number, width: number, ratio: number): void {
    const count = last - first + 1;
    if (this.#image.width !== width || this.#image.height < count) {
      const rows = Math.max(count, Math.ceil(scene.geometry.height / ROW_HEIGHT) + 2);
      this.#image = new ImageData(width, rows);
      this.#pixels = new Uint32Array(this.#image.data.buffer);
      this.#strip.width = width;
      this.#strip.height = rows;
    }
    this.#pixels.fill(0);
    const paint: Paint = { tree: scene.picture.tree, classes: scene.picture.classes, palette: scene.theme.palette, marked: scene.marked };
    for (let row = first; row <= last; row++) {
      paintRow(paint, row, scene.view, this.#pixels, (row - first) * width, width, LABEL_FROM * ratio, this.#labels);
    }
  }

  #drawRows({ geometry, theme }: Scene, first: number, last: number, width: number, ratio: number): void {
    const context = this.#context;
    context.imageSmoothingEnabled = false;
    this.#stripContext.putImageData(this.#image, 0, 0);
    const place = (row: number): { y: number; height: number } => {
      const y = Math.round(rowTop(geometry, row) * ratio);
      return { y, height: Math.round((rowTop(geometry, row) + ROW_HEIGHT) * ratio) - y };
    };
    const line = Math.max(1, Math.round(ratio));
    for (let row = first; row <= last; row++) {
      const { y, height } = place(row);
      context.drawImage(this.#strip, 0, row - first, width, 1, 0, y, width, height - line);
    }
    if (!theme.highContrast) return;
    // Lines under the boxes, where there are boxes.
    const border = pixel(theme.palette.gap);
    const used = (last - first + 1) * width;
    for (let at = 0; at < used; at++) if (this.#pixels[at] !== 0) this.#pixels[at] = border;
    this.#stripContext.putImageData(this.#image, 0, 0);
    for (let row = first; row <= last; row++) {
      const { y, height } = place(row);
      context.drawImage(this.#strip, 0, row - first, width, 1, 0, y + height - line, width, line);
    }
  }

  #drawLabels(scene: Scene, ratio: number): void {
    const context = this.#context;
    const { tree } = scene.picture;
    const { palette } = scene.theme;
    const fitter = this.#lettering.use(`${FONT_SIZE * ratio}px ${scene.theme.fontFamily}`);
    const text = css(palette.text);
    const faded = css(palette.fadedText);
    context.fillStyle = text;
    const { data, length } = this.#labels;
    for (let at = 0; at < length; at += 3) {
      const node = data[at]!;
      const left = data[at + 1]! + PADDING * ratio;
      const room = data[at + 2]! - left - PADDING * ratio;
      const name = nodeLabel(scene, node);
      const label = fitter.fit(name, room);
      if (label === '') continue;
      const func = tree.func[node]!;
      const bright = scene.marked === undefined || scene.marked[node] === 1;
      const y = Math.round((rowTop(scene.geometry, tree.depth[node]!) + ROW_HEIGHT / 2) * ratio);
      if (!bright) context.fillStyle = faded;
      context.fillText(label, left, y);
      const rest = room - fitter.width(name) - 8 * ratio;
      if (rest >= FILE_FROM * ratio && func >= 0) {
        context.globalAlpha = bright ? 0.72 : 1;
        context.fillText(fitter.fit(placeLabel(scene, node), rest), left + room - rest, y);
        context.globalAlpha = 1;
      }
      if (!bright) context.fillStyle = text;
    }
  }

  #outline({ picture: { tree }, view, geometry }: Scene, node: number, ratio: number, thickness: number, color: string): void {
    if (node < 0) return;
    const scale = (geometry.width * ratio) / (view.end - view.start);
    const left = Math.round((tree.left[node]! - view.start) * scale);
    const right = Math.round((rightEdge(tree, node) - view.start) * scale);
    const width = geometry.width * ratio;
    if (right < 0 || left > width) return;
    const line = thickness * Math.max(1, Math.round(ratio));
    const top = Math.round(rowTop(geometry, tree.depth[node]!) * ratio);
    const height = Math.round(ROW_HEIGHT * ratio) - Math.max(1, Math.round(ratio));
    // Edges out of view are drawn at the border, so that a box wider than the view still has its outline.
    const [from, to] = [Math.max(0, left), Math.min(Math.round(width), Math.max(right, left + 2 * line))];
    this.#context.strokeStyle = color;
    this.#context.lineWidth = line;
    this.#context.strokeRect(from + line / 2, top + line / 2, Math.max(line, to - from - line), height - line);
  }
}

/** What is written in a box. */
export function nodeLabel({ picture: { tree }, functions, labels }: Pick<Scene, 'picture' | 'functions' | 'labels'>, node: number): string {
  const func = tree.func[node]!;
  if (func === ROOT) return labels.root;
  if (func === HIDDEN) return t('{0} more: zoom in', tree.samples[node]!);
  const process = processOfNode(func);
  if (process !== undefined) return labels.processes[process] ?? '';
  return functions.name(func);
}

function placeLabel({ picture: { tree }, functions }: Scene, node: number): string {
  const func = tree.func[node]!;
  const line = tree.line[node]! || functions.firstLine(func);
  return functions.shortPlace(func, line);
}
