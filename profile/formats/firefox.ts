export type { FirefoxProfile } from './firefoxSchema.ts';
export { fromFirefox, parseFirefox, profileOf, readFirefox, type SavedProfile } from './firefoxReader.ts';
export { toFirefox } from './firefoxWriter.ts';
