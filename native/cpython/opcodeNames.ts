import { python311 } from './opcodeNames/python311.ts';
import { python312 } from './opcodeNames/python312.ts';
import { python313 } from './opcodeNames/python313.ts';
import { python314 } from './opcodeNames/python314.ts';
import { python315 } from './opcodeNames/python315.ts';

/**
 * By minor version: names in the order of their numbers, a number where they don't go on with the next one. Specialised,
 * adaptive (3.11) and instrumented (3.12+) ones are among them. Source: `dis._all_opmap`, printed by the interpreters themselves;
 * numbers don't change within a minor version (Lib/importlib/_bootstrap_external.py, MAGIC_NUMBER).
 */
const tables: ReadonlyMap<number, string> = new Map([
  [11, python311],
  [12, python312],
  [13, python313],
  [14, python314],
  [15, python315],
]);
const parsed = new Map<number, readonly string[]>();

/**
 * Names of the opcodes of Python 3.`minor` as they may be found in memory (`co_code_adaptive`), by number.
 * @returns 256 of them, '' for a number that no opcode has, or for all of an unknown version
 */
export function opcodeNames(minor: number): readonly string[] {
  let names = parsed.get(minor);
  if (names === undefined) parsed.set(minor, (names = parseNames(tables.get(minor) ?? '')));
  return names;
}

function parseNames(table: string): string[] {
  const names = new Array<string>(256).fill('');
  let number = 0;
  for (const word of table.split(/\s+/)) {
    if (word === '') continue;
    if (/^\d+$/.test(word)) number = Number(word);
    else names[number++] = word;
  }
  return names;
}
