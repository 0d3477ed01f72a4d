/**
 * Turns what another process said into types, or throws MessageError. Lengths are bounded by the message
 * they came in.
 */
export class MessageError extends Error {
  override name = 'MessageError';
}

export type Fields = Readonly<Record<string, unknown>>;

export function asObject(value: unknown, what: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new MessageError(`${what} is not an object`);
  return value as Fields;
}

export function asArray(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new MessageError(`${what} is not a list`);
  return value;
}

export function asString(value: unknown, what: string): string {
  if (typeof value !== 'string') throw new MessageError(`${what} is not text`);
  return value;
}

export function asStringOrNull(value: unknown, what: string): string | null {
  return value === null ? null : asString(value, what);
}

export function asBoolean(value: unknown, what: string): boolean {
  if (typeof value !== 'boolean') throw new MessageError(`${what} is neither true nor false`);
  return value;
}

/** Finite and not negative. */
export function asAmount(value: unknown, what: string): number {
  if (typeof value !== 'number' || !(value >= 0 && value <= Number.MAX_SAFE_INTEGER))
    throw new MessageError(`${what} is not a number that can be`);
  return value;
}

export function asCount(value: unknown, what: string): number {
  const amount = asAmount(value, what);
  if (!Number.isInteger(amount)) throw new MessageError(`${what} is not whole`);
  return amount;
}

/** 0 to 1. */
export function asShare(value: unknown, what: string): number {
  const share = asAmount(value, what);
  if (share > 1) throw new MessageError(`${what} is more than all`);
  return share;
}

export function asOneOf<T extends string>(value: unknown, choices: readonly T[], what: string): T {
  const found = choices.find((choice) => choice === value);
  if (found === undefined) throw new MessageError(`${what} is unknown`);
  return found;
}
