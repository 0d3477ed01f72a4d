export { FirefoxReader, fromFirefox, parseFirefox } from './firefoxReader.ts';
export { firefoxText, toFirefox } from './firefoxWriter.ts';
