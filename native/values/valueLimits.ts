/** What of a value is shown. */
export interface ValueLimits {
  /** Characters of a string, bytes of bytes, digits of an int. */
  readonly text: number;
  /** Items of a container, attributes of an object. */
  readonly items: number;
  /** Containers in containers. */
  readonly depth: number;
  /** Objects in all. */
  readonly objects: number;
  /** Characters in all, about: none is begun beyond. */
  readonly total: number;
}

/** Of `--locals`, and of `-ll`. */
export const valueLimits = {
  short: { text: 80, items: 10, depth: 3, objects: 100, total: 240 },
  long: { text: 2000, items: 200, depth: 6, objects: 4000, total: 16_000 },
} as const satisfies Record<string, ValueLimits>;

/** Stands for what could not be read. */
export const unreadable = '<unreadable>';
/** Stands for what became something else while it was read. */
export const changed = '<changed while it was read>';
/** Stands for what the limits leave out. */
export const leftOut = '…';
