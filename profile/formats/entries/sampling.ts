import type { Format } from '../format.ts';
import { beginsSampling, SamplingReader } from '../samplingReader.ts';

export const samplingFormat = {
  id: 'sampling',
  aliases: ['tachyon'],
  name: 'profiling.sampling',
  purpose: 'What python -m profiling.sampling --binary writes (from Python 3.15 on)',
  lacks: 'It does not say where functions begin, and how threads and processes are called.',
  endings: ['.tachyon', '.bin'],
  read: (options) => new SamplingReader(options),
  recognises: beginsSampling,
} as const satisfies Format;
