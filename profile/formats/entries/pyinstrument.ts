import { type Format, startText } from '../format.ts';
import { PyinstrumentReader } from '../pyinstrumentReader.ts';

export const pyinstrumentFormat = {
  id: 'pyinstrument',
  aliases: [],
  name: 'pyinstrument',
  purpose: 'What pyinstrument saves with -r session and -r json',
  lacks: 'It does not say who held the GIL; as JSON it has no times, threads and lines of functions.',
  endings: ['.pyisession', '.pyinstrument.json'],
  read: () => new PyinstrumentReader(),
  recognises: (start) => /^\{[^]*"(?:frame_records|root_frame)"\s*:/.test(startText(start)),
} as const satisfies Format;
