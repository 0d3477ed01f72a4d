import { type Format, startText } from '../format.ts';
import { beginsPerfScript, PerfScriptReader } from '../perfScriptReader.ts';

export const perfFormat = {
  id: 'perf',
  aliases: [],
  name: 'perf script',
  purpose: 'What perf script prints, with functions of Python if the program ran with -X perf',
  lacks: null,
  endings: ['.perf', '.perf.txt'],
  read: () => new PerfScriptReader(),
  recognises: (start) => beginsPerfScript(startText(start)),
} as const satisfies Format;
