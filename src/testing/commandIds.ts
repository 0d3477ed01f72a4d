import { readFileSync } from 'node:fs';

/** The ids in the table of commands, read from its source: commands.ts needs an editor to load. */
export const commands: readonly string[] = [...readFileSync('src/commands.ts', 'utf8').matchAll(/^ {2}'(heatline\.\w+)':/gm)].map(
  (match) => match[1]!,
);
