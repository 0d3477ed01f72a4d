import type { Profile } from '../profile.ts';
import type { WriteOptions } from './format.ts';
import { type HeatLine, heatmap, milliseconds, percent, printable, shownRuns } from './heatmap.ts';

/** Widths of columns. */
const [TIME, SHARE, NUMBER] = [10, 6, 6];

/** Sources with the time of each line that was seen, as text. */
export function* heatmapText(profile: Profile, options: WriteOptions = {}): Generator<string, void> {
  const map = heatmap(profile, options);
  yield `${printable(map.title)}: ${milliseconds(map.time)} ms in ${map.samples} samples\n`;
  yield 'self: in the line itself; total: with what it called. Sources are as they were when this was written.\n';
  for (const file of map.files) {
    yield `\n${printable(file.file)}  (self: ${milliseconds(file.self)} ms, ${percent(file.self, map)} %)\n`;
    yield `${'self ms'.padStart(TIME)}${'%'.padStart(SHARE)}${'total ms'.padStart(TIME)}${'%'.padStart(SHARE)}${'line'.padStart(NUMBER)}\n`;
    const figures = (time: number): string =>
      time === 0 ? ' '.repeat(TIME + SHARE) : milliseconds(time).padStart(TIME) + percent(time, map).padStart(SHARE);
    for (const [i, run] of shownRuns(file).entries()) {
      if (i > 0) yield `${' '.repeat(2 * (TIME + SHARE) + NUMBER - 1)}⋮\n`;
      for (const one of run) yield `${figures(one.self)}${figures(one.total)}${String(one.line).padStart(NUMBER)}${textOf(one)}\n`;
    }
  }
}

function textOf({ text }: HeatLine): string {
  return text === undefined || text.trim() === '' ? '' : `  ${printable(text).trimEnd()}`;
}
