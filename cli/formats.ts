import { type FormatId, formatNamed, formatOfFile as registered, type WrittenFormat, writtenFormats } from '../profile/formats/registry.ts';
import { UsageError } from './values.ts';

/**
 * How a format shows what py-spy's options are about.
 * - `everything`: states of threads are in it, so nothing is left out that its viewers can leave out
 * - `threads`: stacks by thread, with whole file names
 * - `stacks`: stacks alone, with file names as short as they are clear
 */
export function contentOf(id: FormatId): 'everything' | 'threads' | 'stacks' {
  if (id === 'firefox' || id === 'html') return 'everything';
  return id === 'raw' || id === 'flamegraph' ? 'stacks' : 'threads';
}

/** @throws UsageError */
export function parseFormat(text: string): FormatId {
  const found = formatNamed(text);
  if (found !== undefined && isWritten(found.id)) return found.id;
  throw new UsageError(`unknown format '${text}'. There are: ${writtenFormats.map(({ id }) => id).join(', ')}`);
}

/** The format that a file's name asks for by its ending; undefined where it asks for none. @throws UsageError for one that we don't write */
export function formatOfFile(name: string): FormatId | undefined {
  const found = registered(name);
  if (found === undefined) return undefined;
  if (isWritten(found.id)) return found.id;
  throw new UsageError(
    `${name} has an ending of ${found.name}, which Heatline reads but does not write: give it another one, or tell the format by -f`,
  );
}

function isWritten(id: string): id is FormatId {
  return writtenFormats.some((format: WrittenFormat) => format.id === id);
}
