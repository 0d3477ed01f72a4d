import type { Format } from '../format.ts';
import { plainJson } from '../plainJson.ts';

export const plainJsonFormat = {
  id: 'json',
  aliases: [],
  name: 'JSON',
  purpose: 'For programs of your own: threads, functions, lines and stacks with their times (docs/json.md)',
  lacks: 'It has sums of each stack and thread without their times, and no GIL and states.',
  endings: ['.stacks.json'],
  write: (profile, { samples = {} } = {}) => plainJson(profile, samples),
} as const satisfies Format;
