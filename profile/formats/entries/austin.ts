import { AustinReader, beginsAustin } from '../austinReader.ts';
import { type Format, startText } from '../format.ts';

export const austinFormat = {
  id: 'austin',
  aliases: [],
  name: 'Austin',
  purpose: 'What Austin writes as text',
  lacks: null,
  endings: ['.austin'],
  read: () => new AustinReader(),
  recognises: (start) => beginsAustin(startText(start)),
} as const satisfies Format;
