import { readFileSync } from 'node:fs';
import type { PageParts } from '../profile/formats/html/pageParts.ts';

/**
 * What pages of profiles are made of: the page is built beside the command line.
 * @param idle as PageSetup has it
 * @throws Error if it is not there
 */
export function pageParts(idle: boolean): PageParts {
  const file = import.meta.url.endsWith('.ts') ? '../dist/webview/page.html' : './webview/page.html';
  return { template: readFileSync(new URL(file, import.meta.url), 'utf8'), setup: { language: 'en', translations: {}, idle } };
}
