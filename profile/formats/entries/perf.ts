import { type Format, startText } from '../format.ts';
import { beginsPerfScript, PerfScriptReader } from '../perfScriptReader.ts';

export const perfFormat = {
  id: 'perf',
  aliases: [],
  name: 'perf script',
  purpose: 'What perf script prints, with functions of Python if the program ran with -X perf',
  lacks: 'It does not say which lines, who held the GIL, and where functions begin.',
  endings: ['.perf', '.perf.txt'],
  read: () => new PerfScriptReader(),
  recognises: (start) => beginsPerfScript(startText(start)),
} as const satisfies Format;
