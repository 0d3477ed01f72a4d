import { record } from './parse.ts';
import { readTheme } from './ui/theme.ts';

/** CSS pixels of the line that says what the picture is of. */
const CAPTION = 28;

/** What the host says of the picture that it wants; undefined if that is not what it said. */
export function parsePictureRequest(data: unknown): { readonly caption: string } | undefined {
  const message = record(data);
  const caption = message?.['caption'];
  return message?.['type'] === 'picture' && typeof caption === 'string' ? { caption } : undefined;
}

/** The flame graph as it is seen now, below a line of text, as the URL of a PNG; empty where none is in sight. */
export function pictureOf({ caption }: { readonly caption: string }): string {
  const shown = [...document.querySelectorAll<HTMLCanvasElement>('.flame-canvas')].filter((canvas) => canvas.checkVisibility());
  if (shown.length === 0) return '';
  const theme = readTheme();
  const ratio = window.devicePixelRatio || 1;
  const picture = document.createElement('canvas');
  picture.width = Math.max(...shown.map(({ width }) => width));
  picture.height = Math.round(CAPTION * ratio) + shown.reduce((sum, { height }) => sum + height, 0);
  const context = picture.getContext('2d', { alpha: false })!;
  context.fillStyle = theme.background;
  context.fillRect(0, 0, picture.width, picture.height);
  context.fillStyle = theme.foreground;
  context.font = `${13 * ratio}px ${theme.fontFamily}`;
  context.textBaseline = 'middle';
  context.fillText(caption, 8 * ratio, (CAPTION * ratio) / 2, picture.width - 16 * ratio);
  let top = Math.round(CAPTION * ratio);
  for (const canvas of shown) {
    context.drawImage(canvas, 0, top);
    top += canvas.height;
  }
  return picture.toDataURL('image/png');
}
