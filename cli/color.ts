import { isatty } from 'node:tty';
import { styleText } from 'node:util';
import { UsageError } from './values.ts';

export const colorModes = ['auto', 'always', 'never'] as const;
type ColorMode = (typeof colorModes)[number];

type Style = Parameters<typeof styleText>[0];

let mode: ColorMode = 'auto';

export function useColor(wanted: ColorMode): void {
  mode = wanted;
}

/** @throws UsageError */
export function parseColor(text: string): ColorMode {
  const found = colorModes.find((name) => name === text);
  if (found === undefined) throw new UsageError(`'${text}' is not ${colorModes.join(', ')}`);
  return found;
}

/**
 * Whether an open file gets colours. NO_COLOR (no-color.org) and terminals that say they can do nothing forbid them, unless they
 * are asked for. Not by process.stderr.hasColors(): see say.ts.
 */
export function hasColors(fd: number): boolean {
  return mode === 'auto' ? isTerminal(fd) && (process.env['NO_COLOR'] ?? '') === '' : mode === 'always';
}

/** Whether lines can be written over: a terminal that knows control characters. */
export function isTerminal(fd: number): boolean {
  return isatty(fd) && process.env['TERM'] !== 'dumb';
}

/** Text with a style, if the open file it is for gets colours. */
export function styled(style: Style, text: string, fd: number): string {
  return hasColors(fd) ? styleText(style, text, { validateStream: false }) : text;
}
