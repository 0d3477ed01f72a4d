import path from 'node:path';
import { is32Bit } from '../binary/open.ts';
import type { OtherPython } from '../engine.ts';
import type { MappedFile, ProcessSource } from '../os/system.ts';

/** What the files that Pythons other than CPython consist of are called. */
const names: readonly (readonly [OtherPython, RegExp])[] = [
  ['PyPy', /^(lib)?pypy/i],
  ['GraalPy', /^(graalpy|libpythonvm)/i],
  ['Jython', /^jython.*\.jar$/i],
  ['IronPython', /^(IronPython.*\.dll|ipy(\.exe)?)$/i],
  ['MicroPython', /^micropython/i],
];

/**
 * What a process is in which no CPython was found, if that is something people would call Python.
 * @param files that it has mapped, the executable first
 */
export function otherPython(system: ProcessSource, pid: number, files: readonly MappedFile[]): OtherPython | null {
  // Jython's are read by Java, which need not map them.
  const words = [
    ...files.map((file) => file.path),
    ...(system.processFacts(pid)?.commandLine.flatMap((word) => word.split(path.delimiter)) ?? []),
  ];
  for (const [kind, pattern] of names) if (words.some((word) => pattern.test(path.basename(word)))) return kind;
  const isPython = files.some((file) => /^(lib)?python/i.test(path.basename(file.path)));
  return isPython && files[0] !== undefined && has32BitAddresses(system, pid, files[0]) ? '32-bit' : null;
}

function has32BitAddresses(system: ProcessSource, pid: number, file: MappedFile): boolean {
  const content = system.openMappedFile(pid, file);
  if (content === null) return false;
  try {
    return is32Bit(content.source);
  } finally {
    content.source.close();
  }
}
