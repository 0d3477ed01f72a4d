import type { Format } from '../format.ts';
import { beginsLineProfiler, LineProfilerReader } from '../lineProfilerReader.ts';

export const lineProfilerFormat = {
  id: 'lprof',
  aliases: ['line_profiler'],
  name: 'line_profiler',
  purpose: 'What kernprof -l writes',
  lacks: 'It has the time of each line with all that it calls, and no stacks, times and threads.',
  endings: ['.lprof'],
  read: () => new LineProfilerReader(),
  recognises: beginsLineProfiler,
} as const satisfies Format;
