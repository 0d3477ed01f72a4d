import type { Format } from '../format.ts';
import { heatmapHtml } from '../heatmapHtml.ts';
import { heatmapText } from '../heatmapText.ts';
import { joinedLines } from '../joinedLines.ts';

const lacks = 'It has the time of each line, no stacks, times and threads; and only sources that are on this machine.';

export const heatmapFormat = {
  id: 'heatmap',
  aliases: [],
  name: 'Heat map',
  purpose: 'A page for browsers: sources with the time of each line, in one file',
  lacks,
  endings: ['.heatmap.html', '.heatmap.htm'],
  write: (profile, options) => joinedLines(heatmapHtml(profile, options)),
} as const satisfies Format;

export const heatmapTextFormat = {
  id: 'annotated',
  aliases: [],
  name: 'Annotated sources',
  purpose: 'Text for terminals and editors: sources with the time of each line',
  lacks,
  endings: ['.heatmap.txt', '.annotated.txt'],
  write: (profile, options) => joinedLines(heatmapText(profile, options)),
} as const satisfies Format;
