import { type Format, startText } from '../format.ts';
import { PyinstrumentReader } from '../pyinstrumentReader.ts';

export const pyinstrumentFormat = {
  id: 'pyinstrument',
  aliases: [],
  name: 'pyinstrument',
  purpose: 'What pyinstrument saves with -r session and -r json',
  lacks: null,
  endings: ['.pyisession', '.pyinstrument.json'],
  read: () => new PyinstrumentReader(),
  recognises: (start) => /^\{[^]*"(?:frame_records|root_frame)"\s*:/.test(startText(start)),
} as const satisfies Format;
