import type { Format } from '../format.ts';
import { beginsMojo, MojoReader } from '../mojoReader.ts';

export const mojoFormat = {
  id: 'mojo',
  aliases: [],
  name: 'MOJO',
  purpose: 'What Austin writes (-b, and always from 4.0 on)',
  lacks: null,
  endings: ['.mojo'],
  read: () => new MojoReader(),
  recognises: beginsMojo,
} as const satisfies Format;
