import type { OtherPython } from '../engine.ts';
import type { MappedFile, System } from '../os/system.ts';

/** What the files that Pythons other than CPython consist of are called. */
const names: readonly (readonly [OtherPython, RegExp])[] = [
  ['PyPy', /^(lib)?pypy/i],
  ['GraalPy', /^(graalpy|libpythonvm)/i],
  ['Jython', /^jython.*\.jar$/i],
  ['IronPython', /^(IronPython.*\.dll|ipy(\.exe)?)$/i],
  ['MicroPython', /^micropython/i],
];

/** Byte 4 of an ELF file (elf(5)): ELFCLASS32. */
const class32 = 1;

/**
 * What a process is in which no CPython was found, if that is something people would call Python.
 * @param files that it has mapped, the executable first
 */
export function otherPython(system: System, pid: number, files: readonly MappedFile[]): OtherPython | null {
  const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
  // Jython's are read by Java, which need not map them.
  const words = [...files.map(({ path }) => path), ...(system.processFacts(pid)?.commandLine.flatMap((word) => word.split(':')) ?? [])];
  for (const [kind, pattern] of names) if (words.some((word) => pattern.test(baseName(word)))) return kind;
  const isPython = files.some(({ path }) => /^(lib)?python/i.test(baseName(path)));
  return isPython && files[0] !== undefined && is32Bit(system, pid, files[0]) ? '32-bit' : null;
}

function is32Bit(system: System, pid: number, file: MappedFile): boolean {
  const content = system.openMappedFile(pid, file);
  if (content === null) return false;
  try {
    const head = content.source.read(0, 5);
    return head !== null && head.toString('latin1', 1, 4) === 'ELF' && head[4] === class32;
  } finally {
    content.source.close();
  }
}
