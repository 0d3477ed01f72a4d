import type { Format } from '../format.ts';
import { beginsLineProfiler, LineProfilerReader } from '../lineProfilerReader.ts';

export const lineProfilerFormat = {
  id: 'lprof',
  aliases: ['line_profiler'],
  name: 'line_profiler',
  purpose: 'What kernprof -l writes',
  lacks: null,
  unknown:
    'line_profiler has the time of a line with all that it calls, so functions that call each other count more than once; there are no stacks.',
  endings: ['.lprof'],
  read: () => new LineProfilerReader(),
  recognises: beginsLineProfiler,
} as const satisfies Format;
