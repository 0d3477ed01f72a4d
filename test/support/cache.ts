import os from 'node:os';
import path from 'node:path';

/** Where scripts/setup.mjs keeps what tests need beyond npm's packages. Any part of it may be missing. */
export const cacheFolder = process.env['HEATLINE_CACHE'] ?? path.join(os.homedir(), '.cache', 'heatline');
