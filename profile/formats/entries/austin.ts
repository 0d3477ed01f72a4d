import { AustinReader, beginsAustin } from '../austinReader.ts';
import { type Format, startText } from '../format.ts';

export const austinFormat = {
  id: 'austin',
  aliases: [],
  name: 'Austin',
  purpose: 'What Austin writes as text',
  lacks: 'It does not say who held the GIL, and where functions begin.',
  endings: ['.austin'],
  read: () => new AustinReader(),
  recognises: (start) => beginsAustin(startText(start)),
} as const satisfies Format;
