import { chromeTraceText } from '../chromeTrace.ts';
import { ChromeTraceReader } from '../chromeTraceReader.ts';
import { type Format, startText } from '../format.ts';
import { joinedLines } from '../joinedLines.ts';

export const chrometraceFormat = {
  id: 'chrometrace',
  aliases: ['chrome', 'perfetto'],
  name: 'Chrome trace',
  purpose: 'For ui.perfetto.dev and chrome://tracing: threads and processes on a time line',
  lacks: 'It does not say what ran, was ready or waited, who held the GIL, how many samples there were, and where functions begin.',
  endings: ['.trace.json', '.chrometrace.json', '.chrometrace'],
  write: (profile, { samples = {} } = {}) => joinedLines(chromeTraceText(profile, samples)),
  read: () => new ChromeTraceReader(),
  recognises: (start) => /^(?:\[\s*(?:\{|\])|\{[^]*"traceEvents"\s*:)/.test(startText(start)),
} as const satisfies Format;
