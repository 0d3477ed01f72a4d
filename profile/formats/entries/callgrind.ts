import { callgrindText } from '../callgrind.ts';
import type { Format } from '../format.ts';
import { joinedLines } from '../joinedLines.ts';

export const callgrindFormat = {
  id: 'callgrind',
  aliases: ['kcachegrind'],
  name: 'Callgrind',
  purpose: 'For KCachegrind, QCachegrind and callgrind_annotate',
  lacks:
    'It has sums of lines and calls, no whole stacks, times and threads; its numbers of calls are samples, and its readers count recursion at each level.',
  endings: ['.callgrind', '.callgrind.out'],
  write: (profile, { samples = {} } = {}) => joinedLines(callgrindText(profile, samples)),
} as const satisfies Format;
