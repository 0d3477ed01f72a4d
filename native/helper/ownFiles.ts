import { createRequire } from 'node:module';
import path from 'node:path';
import { platform } from '../os/index.ts';
import { protocolVersion } from './messages.ts';

/**
 * Whatever is started as root, and whatever that loads, may be changeable only by root and by the user who types the password: in
 * a folder that everyone can write to, anybody's code would run as root.
 * @param cli the command line's file
 * @returns the first of these files and folders that others can change, or null
 */
export function unsafeFile(cli: string): string | null {
  const { elevation } = platform();
  if (elevation.installation.program(protocolVersion) !== null) return null; // none of our own files is started
  for (const file of [process.execPath, path.dirname(cli), ...libraries(cli)]) {
    const unsafe = elevation.changeableByOthers(file);
    if (unsafe !== null) return unsafe;
  }
  return null;
}

/** The folders of the packages that it loads. */
function libraries(cli: string): string[] {
  const { resolve } = createRequire(cli);
  return ['koffi', `@koromix/koffi-${process.platform}-${process.arch}`].map((name) => path.dirname(resolve(name)));
}
