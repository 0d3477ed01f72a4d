import type { Format } from '../format.ts';
import { joinedLines } from '../joinedLines.ts';
import { flameGraphSvg } from '../svg/flameGraph.ts';

export const flamegraphFormat = {
  id: 'flamegraph',
  aliases: ['svg'],
  name: 'SVG flame graph',
  purpose: 'A picture for browsers that zooms and searches, in one file',
  lacks: 'It is a picture: nothing can be asked of it afterwards, and calls too narrow to be seen are left out.',
  endings: ['.svg'],
  write: (profile, { samples = {} } = {}) => joinedLines(flameGraphSvg(profile, samples)),
} as const satisfies Format;
