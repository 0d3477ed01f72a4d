import type { Format } from '../format.ts';
import { pstatsBytes } from '../pstats.ts';
import { beginsPstats, PstatsReader } from '../pstatsReader.ts';

export const pstatsFormat = {
  id: 'pstats',
  aliases: [],
  name: 'pstats',
  purpose: 'For python -m pstats, snakeviz and what else reads cProfile’s files',
  lacks: 'It has sums of functions and of who called whom, no lines, whole stacks, times and threads; its numbers of calls are samples.',
  unknown:
    'pstats has no stacks, only who called whom: each function’s time is split among its callers by what their calls took, so longer stacks are guesses. Lines are those where functions begin.',
  endings: ['.pstats', '.pstat', '.prof'],
  write: (profile, { samples = {} } = {}) => pstatsBytes(profile, samples),
  read: () => new PstatsReader(),
  recognises: beginsPstats,
} as const satisfies Format;
