import { type Format, startText } from '../format.ts';
import { speedscopeText } from '../speedscope.ts';
import { SpeedscopeReader } from '../speedscopeReader.ts';

export const speedscopeFormat = {
  id: 'speedscope',
  aliases: [],
  name: 'Speedscope',
  purpose: 'For speedscope.app',
  lacks: 'It does not say what ran, was ready or waited, who held the GIL, and where functions begin.',
  endings: ['.speedscope.json', '.speedscope'],
  write: (profile, { samples = {} } = {}) => speedscopeText(profile, samples),
  read: () => new SpeedscopeReader(),
  recognises: (start) => /^\{[^]*speedscope\.app\/file-format-schema/.test(startText(start)),
} as const satisfies Format;
