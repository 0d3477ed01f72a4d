/** What shows a profile in a file by itself: built by scripts/build.mjs from page/main.ts. */
export interface PageParts {
  /** An HTML document with marks (page.ts) where profile and set-up go, each in an element of its own. */
  readonly template: string;
  readonly setup: PageSetup;
}

/** How the page begins. */
export interface PageSetup {
  /** BCP 47 tag. */
  readonly language: string;
  /** By English text; none for English. */
  readonly translations: Readonly<Record<string, string>>;
  /** Shows threads that wait from the beginning, and not just when they are asked for. */
  readonly idle: boolean;
}
