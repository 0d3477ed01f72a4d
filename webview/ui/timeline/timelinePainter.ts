import type { ParticipantsMessage } from '../../messages.ts';
import { css } from '../../model/color.ts';
import { type Functions, type FunctionSet, isIn } from '../../model/functions.ts';
import type { LabelFitter } from '../../model/labels.ts';
import { BAND_PIXELS, FIRST_BOX_LINE } from '../../model/timeline/laneImage.ts';
import { BAND_HEIGHT, BOX_HEIGHT, GIL_HEIGHT, type LaneRow, RULER_HEIGHT } from '../../model/timeline/laneRows.ts';
import { ticks } from '../../model/timeline/moments.ts';
import type { TimeRange } from '../../query.ts';
import { fitCanvas, Lettering, opaqueContext } from '../canvas.ts';
import type { Theme } from '../theme.ts';
import type { LanePicture, Place } from './lanePicture.ts';

/** All that a frame of the time line depends on. CSS pixels and µs. */
export interface TimelineScene {
  readonly theme: Theme;
  readonly functions: Functions;
  readonly participants: ParticipantsMessage;
  readonly language: string;
  readonly width: number;
  readonly height: number;
  readonly scrollTop: number;
  readonly view: TimeRange;
  /** In sight. */
  readonly rows: readonly LaneRow[];
  readonly pictures: (thread: number) => readonly LanePicture[];
  /** Whether a thread's samples count. */
  readonly counts: (thread: number) => boolean;
  /** Others fade. */
  readonly marked: FunctionSet | undefined;
  readonly selection: TimeRange | null;
  /** null: none. */
  readonly cursor: number | null;
  /** The lane that keys go to; -1: none. */
  readonly activeThread: number;
  readonly focused: boolean;
}

/** CSS pixels that a label of the ruler has. */
const TICK_ROOM = 90;
const FONT_SIZE = 11;
const LABEL_FROM = 28;
const PADDING = 4;
/** Of what is out of the selection. */
const DIMMED = 0.6;

/** Draws the time line: stretches what was painted when it was answered, and writes on it. */
export class TimelinePainter {
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  readonly #lettering: Lettering;

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
    this.#context = opaqueContext(canvas);
    this.#lettering = new Lettering(this.#context);
  }

  draw(scene: TimelineScene): void {
    const { ratio } = fitCanvas(this.#canvas, scene);
    const context = this.#context;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.imageSmoothingEnabled = false;
    context.fillStyle = css(scene.theme.palette.background);
    context.fillRect(0, 0, scene.width, scene.height);
    const fitter = this.#lettering.use(`${FONT_SIZE}px ${scene.theme.fontFamily}`);
    for (const row of scene.rows) if (row.kind === 'thread') this.#drawLane(scene, row, fitter);
    this.#drawSelection(scene);
    this.#drawRuler(scene, fitter);
    this.#drawCursor(scene);
  }

  #drawLane(scene: TimelineScene, row: LaneRow, fitter: LabelFitter): void {
    const context = this.#context;
    const { theme, width, view } = scene;
    const top = row.top - scene.scrollTop;
    const scale = width / (view.end - view.start);
    const place = (at: number, height: number): Place => ({ start: view.start, scale, width, top: at, height });
    const pictures = scene.pictures(row.id);
    const boxesTop = top + BAND_HEIGHT + GIL_HEIGHT;
    for (const picture of pictures) {
      picture.draw(context, [0, BAND_PIXELS], place(top, BAND_HEIGHT));
      picture.draw(context, [BAND_PIXELS, 1], place(top + BAND_HEIGHT, GIL_HEIGHT));
      this.#clear(scene, picture, boxesTop, row.height - BAND_HEIGHT - GIL_HEIGHT);
      picture.draw(context, [FIRST_BOX_LINE, picture.rows], place(boxesTop, picture.rows * BOX_HEIGHT));
    }
    const finest = pictures.at(-1);
    if (finest !== undefined) {
      this.#separateRows(scene, boxesTop, Math.max(...pictures.map(({ rows }) => rows)));
      this.#drawLabels(scene, finest, boxesTop, fitter);
    }
    this.#drawEnds(scene, row, top);
    if (!scene.counts(row.id)) {
      context.globalAlpha = 0.7;
      context.fillStyle = css(theme.palette.background);
      context.fillRect(0, top, width, row.height);
      context.globalAlpha = 1;
    }
    if (scene.activeThread === row.id && scene.focused) {
      context.strokeStyle = theme.focus;
      context.lineWidth = 1;
      context.strokeRect(0.5, top + 0.5, width - 1, row.height - 3);
    }
  }

  /** What a coarser part shows where a finer one has fewer rows. */
  #clear({ view, width, theme }: TimelineScene, { range, hasBoxes }: LanePicture, top: number, height: number): void {
    if (!hasBoxes) return;
    const scale = width / (view.end - view.start);
    const left = Math.max(0, (range.start - view.start) * scale);
    this.#context.fillStyle = css(theme.palette.background);
    this.#context.fillRect(left, top, Math.min(width, (range.end - view.start) * scale) - left, height);
  }

  #separateRows({ theme, width }: TimelineScene, top: number, rows: number): void {
    this.#context.fillStyle = css(theme.palette.background);
    for (let row = 1; row <= rows; row++) this.#context.fillRect(0, top + row * BOX_HEIGHT - 1, width, 1);
  }

  #drawLabels(scene: TimelineScene, picture: LanePicture, top: number, fitter: LabelFitter): void {
    const context = this.#context;
    const { view, width, functions, theme } = scene;
    const { boxes, bands } = picture.item;
    if (boxes === null) return;
    const place = { start: view.start, scale: width / (view.end - view.start), width };
    picture.forEachWide(place, LABEL_FROM, (box, left, right) => {
      const label = fitter.fit(functions.name(boxes.func[box]!), right - left - 2 * PADDING);
      if (label === '') return;
      const middle = (boxes.from[box]! + boxes.to[box]!) >> 1;
      const waits = bands.waiting[middle]! > bands.onCpu[middle]! + bands.ready[middle]!;
      const isFaded = waits || (scene.marked !== undefined && !isIn(scene.marked, boxes.func[box]!));
      context.fillStyle = isFaded ? theme.foreground : css(theme.palette.text);
      context.fillText(label, left + PADDING, top + boxes.row[box]! * BOX_HEIGHT + BOX_HEIGHT / 2);
    });
  }

  /** Where the thread, or its process, began and ended. */
  #drawEnds(scene: TimelineScene, { id }: LaneRow, top: number): void {
    const { startedAt, endedAt } = scene.participants.threads[id] ?? { startedAt: 0, endedAt: null };
    const context = this.#context;
    context.fillStyle = scene.theme.foreground;
    const scale = scene.width / (scene.view.end - scene.view.start);
    for (const [time, side] of [
      [startedAt > 0 ? startedAt : null, 1],
      [endedAt, -1],
    ] as const) {
      if (time === null) continue;
      const x = (time - scene.view.start) * scale;
      if (x < -6 || x > scene.width + 6) continue;
      context.fillRect(x, top, 1, BAND_HEIGHT + GIL_HEIGHT);
      context.beginPath();
      context.moveTo(x, top);
      context.lineTo(x + side * 5, top + 3);
      context.lineTo(x, top + 6);
      context.fill();
    }
  }

  #drawSelection({ selection, view, width, height, theme }: TimelineScene): void {
    if (selection === null) return;
    const context = this.#context;
    const scale = width / (view.end - view.start);
    const left = Math.min(width, Math.max(0, (selection.start - view.start) * scale));
    const right = Math.min(width, Math.max(0, (selection.end - view.start) * scale));
    context.globalAlpha = DIMMED;
    context.fillStyle = css(theme.palette.background);
    context.fillRect(0, 0, left, height);
    context.fillRect(right, 0, width - right, height);
    context.globalAlpha = 1;
    context.fillStyle = theme.focus;
    context.fillRect(left - 1, 0, 2, height);
    context.fillRect(right - 1, 0, 2, height);
  }

  #drawRuler({ view, width, theme, language, selection }: TimelineScene, fitter: LabelFitter): void {
    const context = this.#context;
    context.fillStyle = css(theme.palette.background);
    context.fillRect(0, 0, width, RULER_HEIGHT - 1);
    const scale = width / (view.end - view.start);
    if (selection !== null) {
      context.fillStyle = theme.focus;
      const left = Math.max(0, (selection.start - view.start) * scale);
      context.fillRect(left, RULER_HEIGHT - 4, Math.min(width, (selection.end - view.start) * scale) - left, 3);
    }
    context.fillStyle = css(theme.palette.fadedText);
    for (const { time, label } of ticks(view, Math.floor(width / TICK_ROOM), language)) {
      const x = Math.round((time - view.start) * scale);
      context.fillRect(x, RULER_HEIGHT - 7, 1, 6);
      if (x + 4 + fitter.width(label) <= width) context.fillText(label, x + 4, RULER_HEIGHT / 2 - 1);
    }
    context.fillRect(0, RULER_HEIGHT - 1, width, 1);
  }

  #drawCursor({ cursor, view, width, height, theme }: TimelineScene): void {
    if (cursor === null) return;
    const x = Math.round(((cursor - view.start) / (view.end - view.start)) * width);
    if (x < 0 || x > width) return;
    this.#context.fillStyle = theme.foreground;
    this.#context.fillRect(Math.min(width - 1, x), 0, 1, height);
  }
}
