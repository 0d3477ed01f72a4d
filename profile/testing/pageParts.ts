import { generator, profileId, profileMark, setupMark } from '../formats/html/page.ts';
import type { PageParts } from '../formats/html/pageParts.ts';

/** A page without a script. It has a "<" too many before the profile's element. */
export const pageParts: PageParts = {
  template: `<!DOCTYPE html>${generator}<<script id="s">${setupMark}</script><script type="application/json" id="${profileId}">${profileMark}</script><script></script>`,
  setup: { language: 'en', translations: { a: '</script>' }, idle: true },
};
