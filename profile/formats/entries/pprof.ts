import type { Format } from '../format.ts';
import { pprofBytes } from '../pprof.ts';

export const pprofFormat = {
  id: 'pprof',
  aliases: [],
  name: 'pprof',
  purpose: 'For go tool pprof and the tools that read its format',
  lacks: 'It has sums of each stack and thread without their times, and no GIL and states.',
  endings: ['.pb.gz', '.pprof'],
  alwaysPacked: true,
  write: (profile, { samples = {} } = {}) => pprofBytes(profile, samples),
} as const satisfies Format;
