import type { Format } from '../format.ts';
import { beginsSampling, SamplingReader } from '../samplingReader.ts';

export const samplingFormat = {
  id: 'sampling',
  aliases: ['tachyon'],
  name: 'profiling.sampling',
  purpose: 'What python -m profiling.sampling --binary writes (from Python 3.15 on)',
  lacks: null,
  endings: ['.tachyon', '.bin'],
  read: (options) => new SamplingReader(options),
  recognises: beginsSampling,
} as const satisfies Format;
