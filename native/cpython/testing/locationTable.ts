import fc from 'fast-check';

/** An entry of a location table (Objects/locations.md) as a test states it. */
export interface Entry {
  readonly units: number;
  readonly kind: number;
  /** Line relative to the entry before; what the kind can't say is ignored. */
  readonly delta: number;
  readonly columns: readonly [number, number, number];
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  do {
    bytes.push(value > 63 ? (value & 63) | 64 : value & 63);
    value = Math.floor(value / 64);
  } while (value > 0);
  return bytes;
}

function signedVarint(value: number): number[] {
  return varint(value < 0 ? -value * 2 + 1 : value * 2);
}

/** The bytes of a table. */
export function encode(entries: readonly Entry[]): Uint8Array {
  return Uint8Array.from(
    entries.flatMap(({ units, kind, delta, columns }) => {
      const first = 128 | (kind << 3) | (units - 1);
      if (kind === 15) return [first];
      if (kind === 14) return [first, ...signedVarint(delta), ...varint(columns[0]), ...varint(columns[1]), ...varint(columns[2])];
      if (kind === 13) return [first, ...signedVarint(delta)];
      if (kind >= 10) return [first, columns[0] & 127, columns[1] & 127];
      return [first, columns[0] & 127];
    }),
  );
}

export const entry: fc.Arbitrary<Entry> = fc.record({
  units: fc.integer({ min: 1, max: 8 }),
  kind: fc.nat(15),
  delta: fc.oneof(fc.integer({ min: -70, max: 70 }), fc.integer({ min: -1_000_000, max: 1_000_000 })),
  columns: fc.tuple(fc.nat(5000), fc.nat(5000), fc.nat(5000)),
});

/** Bytes that may be no table at all. */
export const anyBytes = fc.oneof(
  fc.uint8Array({ maxLength: 4000 }),
  fc.nat(255).map((value) => new Uint8Array(5000).fill(value)),
);
