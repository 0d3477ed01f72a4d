import fs from 'node:fs';

/** Of Heatline, from the package.json that is above the sources and above what is built of them. */
export function version(): string {
  try {
    const parsed: unknown = JSON.parse(fs.readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
    if (typeof parsed === 'object' && parsed !== null && 'version' in parsed && typeof parsed.version === 'string') return parsed.version;
  } catch {
    // It was copied elsewhere, alone.
  }
  return '(unknown version)';
}
