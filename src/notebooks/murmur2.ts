/**
 * MurmurHash2 of bytes, 32 bits, as ipykernel names a cell's code by it (ipykernel/compiler.py, murmur2_x86) and xeus-python
 * before it. @returns an unsigned integer
 */
export function murmur2(bytes: Uint8Array, seed: number): number {
  const m = 0x5bd1e995;
  const rounded = bytes.length & ~3;
  let hash = seed ^ bytes.length;
  for (let i = 0; i < rounded; i += 4) {
    let k = bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
    k = Math.imul(k, m);
    k ^= k >>> 24;
    hash = Math.imul(hash, m) ^ Math.imul(k, m);
  }
  const rest = bytes.length - rounded;
  if (rest > 0) {
    for (let i = 0; i < rest; i++) hash ^= bytes[rounded + i]! << (8 * i);
    hash = Math.imul(hash, m);
  }
  hash ^= hash >>> 13;
  hash = Math.imul(hash, m);
  return (hash ^ (hash >>> 15)) >>> 0;
}
