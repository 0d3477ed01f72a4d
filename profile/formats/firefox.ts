export type { FirefoxProfile } from './firefoxSchema.ts';
export { fromFirefox, parseFirefox } from './firefoxReader.ts';
export { toFirefox } from './firefoxWriter.ts';
