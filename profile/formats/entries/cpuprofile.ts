import { cpuProfileText } from '../cpuProfile.ts';
import { CpuProfileReader } from '../cpuProfileReader.ts';
import { type Format, startText } from '../format.ts';

export const cpuprofileFormat = {
  id: 'cpuprofile',
  aliases: [],
  name: 'V8 CPU profile',
  purpose: 'For VS Code’s own viewer and Chrome’s DevTools',
  lacks: 'It knows one thread (several follow each other in it), lines only where functions are innermost, and no GIL and states.',
  endings: ['.cpuprofile'],
  write: (profile, { samples = {} } = {}) => cpuProfileText(profile, samples),
  read: () => new CpuProfileReader(),
  recognises: (start) => /^\{[^]*"callFrame"\s*:/.test(startText(start)),
} as const satisfies Format;
