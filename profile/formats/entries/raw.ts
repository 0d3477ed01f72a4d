import { collapsedLines } from '../collapsed.ts';
import { beginsCollapsed, CollapsedReader } from '../collapsedReader.ts';
import { type Format, START_LENGTH, startText } from '../format.ts';
import { joinedLines } from '../joinedLines.ts';

export const rawFormat = {
  id: 'raw',
  aliases: ['collapsed', 'folded'],
  name: 'Collapsed stacks',
  purpose: 'One line per stack with its samples, for flamegraph.pl and many others',
  lacks: 'It has no times, threads and processes, only how many samples each stack has.',
  endings: ['.collapsed.txt', '.txt', '.collapsed', '.folded', '.raw'],
  write: (profile, { samples = {} } = {}) => joinedLines(collapsedLines(profile, samples)),
  read: () => new CollapsedReader(),
  recognises: (start) => beginsCollapsed(startText(start), start.length < START_LENGTH),
} as const satisfies Format;
