import { type Format, startText } from '../format.ts';
import { generator, pageBounds, profilePage } from '../html/page.ts';
import { PageReader } from '../html/pageReader.ts';

export const htmlFormat = {
  id: 'html',
  aliases: [],
  name: 'HTML page',
  purpose: 'A page for browsers with Heatline’s own flame graph, tables and filters, in one file',
  lacks:
    'Calls that are not among the 100,000 heaviest are in boxes “(rare calls)”, and times are in steps where there are more than 200,000.',
  endings: ['.html', '.htm'],
  write: (profile, { page } = {}) => {
    if (page === undefined) throw new Error('A page takes the parts of one.');
    return profilePage(profile, page(), pageBounds);
  },
  read: () => new PageReader(),
  recognises: (start) => startText(start).includes(generator),
} as const satisfies Format;
