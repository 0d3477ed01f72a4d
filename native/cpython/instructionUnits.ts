/**
 * How many units each unit of bytecode lies behind the instruction it belongs to: 0 at an instruction, more in its inline
 * cache, on the last entry of which `prev_instr` of 3.11 and 3.12 may rest.
 *
 * @param instructions the bytecode, with the opcodes that INSTRUMENTED_LINE hides put back: caches hold anything and can't be told from
 * instructions
 * @param cacheEntries by opcode
 */
export function distancesFromInstruction(instructions: Uint8Array, cacheEntries: Uint8Array): Uint8Array {
  const distances = new Uint8Array(instructions.length >>> 1);
  for (let unit = 0; unit < distances.length; unit++) {
    const end = Math.min(distances.length - 1, unit + cacheEntries[instructions[2 * unit]!]!);
    for (let distance = 1; unit < end; distance++) distances[++unit] = distance;
  }
  return distances;
}
