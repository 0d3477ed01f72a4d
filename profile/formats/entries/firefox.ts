import { FirefoxReader, firefoxText } from '../firefox.ts';
import { type Format, startText } from '../format.ts';

/** Heatline's own files, too: what the Firefox Profiler's format has no place for is in a member of ours. */
export const firefoxFormat = {
  id: 'firefox',
  aliases: ['heatline'],
  name: 'Firefox Profiler',
  purpose: 'For Heatline and profiler.firefox.com',
  lacks: null,
  endings: ['.heatline.json.gz', '.heatline.json', '.json'],
  write: (profile) => firefoxText(profile),
  read: () => new FirefoxReader(),
  // Whatever may be JSON, unless another format knows it: this reader says what is wrong with it.
  recognises: (start) => /^(?:$|[{["\d-]|true|false|null)/.test(startText(start)),
} as const satisfies Format;
