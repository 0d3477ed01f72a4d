import fs from 'node:fs';
import path from 'node:path';

/** The longest source file that is read, bytes, and most of them that are kept. */
interface SourceLimits {
  readonly size: number;
  readonly files: number;
}

/** Lines of source files, for showing them beside frames. Paths are the target's: only regular files are read. */
export class SourceLines {
  private readonly files = new Map<string, readonly Buffer[] | null>();
  private readonly limits: SourceLimits;

  constructor(limits: SourceLimits = { size: 8 << 20, files: 256 }) {
    this.limits = limits;
  }

  /**
   * A line, as bytes without its end.
   * @param folder for relative names; null: unknown
   * @param line from 1 on
   * @returns null when there is none
   */
  line(file: string, folder: string | null, line: number): Buffer | null {
    if (line < 1 || file === '' || file.includes('\0')) return null;
    const full = path.isAbsolute(file) ? file : folder === null ? null : path.join(folder, file);
    if (full === null) return null;
    let lines = this.files.get(full);
    if (lines === undefined) {
      lines = this.files.size < this.limits.files ? read(full, this.limits.size) : null;
      this.files.set(full, lines);
    }
    return lines?.[line - 1] ?? null;
  }
}

function read(file: string, longest: number): Buffer[] | null {
  let descriptor: number;
  try {
    // A named pipe would keep us waiting.
    descriptor = fs.openSync(file, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
  } catch {
    return null;
  }
  try {
    const stat = fs.fstatSync(descriptor);
    if (!stat.isFile() || stat.size > longest) return null;
    const bytes = fs.readFileSync(descriptor);
    const lines: Buffer[] = [];
    for (let start = 0; start <= bytes.length;) {
      const found = bytes.indexOf(10, start);
      const end = found < 0 ? bytes.length : found;
      lines.push(bytes.subarray(start, end > start && bytes[end - 1] === 13 ? end - 1 : end));
      start = end + 1;
    }
    return lines;
  } catch {
    return null;
  } finally {
    fs.closeSync(descriptor);
  }
}
