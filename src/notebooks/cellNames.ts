import { createHash } from 'node:crypto';
import { murmur2 } from './murmur2.ts';

/** The seed in ipykernel/compiler.py, get_tmp_hash_seed; xeus-python has it from libstdc++. */
const SEED = 0xc70f6907;

/** What a `co_filename` says of the cell that it stands for. */
export type CellName =
  /** `<tmpdir>/ipykernel_PID/HASH.py` (ipykernel 6 and later) or `<tmpdir>/xpython_PID/HASH.py`. */
  | { readonly kind: 'hash'; readonly hash: number; readonly pid: number }
  /** `<ipython-input-COUNT-DIGEST>` (IPython, and ipykernel before 6). */
  | { readonly kind: 'digest'; readonly digest: string; readonly count: number };

/** @returns undefined for files that are no cell's */
export function parseCellName(file: string): CellName | undefined {
  const hash = /(?:^|[\\/])(?:ipykernel|xpython)_(\d{1,10})[\\/](\d{1,10})\.py$/.exec(file);
  if (hash !== null) return { kind: 'hash', hash: Number(hash[2]), pid: Number(hash[1]) };
  const digest = /^<ipython-input-(\d{1,9})-([\da-f]{12})>$/.exec(file);
  return digest === null ? undefined : { kind: 'digest', digest: digest[2]!, count: Number(digest[1]) };
}

/**
 * Files that are compiled from what comes after a cell magic in the cell: their lines are counted from there
 * (IPython/core/magics/execution.py, `time` and `timeit`).
 */
export function isMagicFile(file: string): boolean {
  return file === '<timed exec>' || file === '<timed eval>' || file === '<magic-timeit>';
}

/** A cell's source as it is compiled, and what it is called then. */
export interface CompiledCell {
  /** As Python counts its lines: IPython takes empty ones at the start away (core/inputtransformer2.py, leading_empty_lines). */
  readonly text: string;
  readonly hash: number;
  /** What `<ipython-input-…>` may have: of SHA-1, and of MD5 in older versions (core/compilerop.py, code_name). */
  readonly digests: readonly string[];
  /** Lines before those that a magic compiles apart; 0 where there is no such magic. */
  readonly magicLines: number;
}

/** @param source of the cell, lines ended as the editor does */
export function compiledCell(source: string): CompiledCell {
  const raw = source.replaceAll('\r\n', '\n'); // as the Jupyter extension sends it
  const text = raw.replace(/^(?:[^\S\n]*\n)+(?=[^\n]*\S)/, '');
  const ended = text.endsWith('\n') ? text : `${text}\n`;
  return {
    text,
    hash: murmur2(Buffer.from(raw), SEED),
    digests: ['sha1', 'md5'].map((algorithm) => createHash(algorithm).update(ended).digest('hex').slice(0, 12)),
    magicLines: /^%%time(?:it)?\b/.test(text) ? 1 : 0,
  };
}

/** Whether a function of a cell's file is the cell itself: `<module>`, and `<cell line: 1>` in IPython 8.0 to 8.x. */
export function isCellCode(functionName: string): boolean {
  return functionName === '<module>' || /^<cell line: \d+>$/.test(functionName);
}
