/**
 * Brings in what tests and `npm start` need beyond npm's packages. Idempotent, and quick when all is
 * there. What can't be had is named together with what that leaves out; nothing here is fatal.
 *
 *   npm run setup [-- PART…]
 */
import { installCompiler, installSystemPackages } from './setup/system.ts';
import { installPackagesForPython } from './setup/packages.ts';
import { buildFreeThreaded } from './setup/freeThreaded.ts';
import { installNodes } from './setup/nodes.ts';
import { installPythons } from './setup/pythons.ts';
import { installVSCode } from './setup/vscode.ts';

/** Something that could not be had. */
export interface Missing {
  readonly what: string;
  readonly why: string;
  readonly leavesOut: string;
}

/** In the order they must go: the later ones use what the earlier ones install. */
const parts = {
  compiler: installCompiler,
  system: installSystemPackages,
  vscode: installVSCode,
  pythons: installPythons,
  freeThreaded: buildFreeThreaded,
  packages: installPackagesForPython,
  nodes: installNodes,
};
export type Part = keyof typeof parts;
export const allParts = Object.keys(parts) as Part[];

/** Sets the parts up, one after the other. */
export async function setUp(wanted: readonly Part[]): Promise<Missing[]> {
  const missing: Missing[] = [];
  for (const part of allParts) if (wanted.includes(part)) missing.push(...(await parts[part](say)));
  return missing;
}

export function describeMissing(missing: readonly Missing[]): string {
  return missing.map(({ what, why, leavesOut }) => `  - ${what}: ${why}. Left out: ${leavesOut}.`).join('\n');
}

function say(message: string): void {
  console.log(`[setup] ${message}`);
}

if (import.meta.main) {
  const wanted = process.argv.slice(2);
  const unknown = wanted.find((part) => !allParts.includes(part as Part));
  if (unknown !== undefined) {
    console.error(`Unknown part "${unknown}". Parts: ${allParts.join(', ')}.`);
    process.exit(2);
  }
  const missing = await setUp(wanted.length > 0 ? (wanted as Part[]) : allParts);
  console.log(missing.length === 0 ? 'All there.' : `Could not be had:\n${describeMissing(missing)}`);
}
