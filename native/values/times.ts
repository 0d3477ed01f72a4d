import type { Scope } from './scope.ts';
import { unreadable } from './valueLimits.ts';

/**
 * Modules/_datetimemodule.c and Include/datetime.h. Behind PyObject: Py_hash_t hashcode, char hastzinfo, then the bytes of date
 * (4), time (6) or both (10), a byte `fold` (3.6+), and at the next multiple of 8 the pointer to tzinfo.
 */
const data = 9;

/** `datetime.date` */
export function dateAt(scope: Scope, address: number, name: string): string {
  const bytes = scope.bytes(address + scope.head, data + 4);
  return bytes === null ? unreadable : `${name}(${dateParts(bytes, data).join(', ')})`;
}

/** `datetime.datetime` */
export function datetimeAt(scope: Scope, address: number, name: string): string {
  const bytes = scope.bytes(address + scope.head, data + 11);
  if (bytes === null) return unreadable;
  return `${name}(${[...dateParts(bytes, data), ...timeParts(bytes, data + 4), ...rest(scope, address, bytes, 10, 24)].join(', ')})`;
}

/** `datetime.time` */
export function timeAt(scope: Scope, address: number, name: string): string {
  const bytes = scope.bytes(address + scope.head, data + 7);
  if (bytes === null) return unreadable;
  return `${name}(${[...timeParts(bytes, data), ...rest(scope, address, bytes, 6, 16)].join(', ')})`;
}

/** `datetime.timedelta`: hashcode, int days, seconds, microseconds. */
export function timedeltaAt(scope: Scope, address: number, name: string): string {
  const bytes = scope.bytes(address + scope.head + 8, 12);
  if (bytes === null) return unreadable;
  const parts = ['days', 'seconds', 'microseconds'].flatMap((unit, i) => {
    const value = bytes.readInt32LE(4 * i);
    return value === 0 ? [] : [`${unit}=${value}`];
  });
  return `${name}(${parts.length === 0 ? '0' : parts.join(', ')})`;
}

/** `datetime.timezone`: offset, name. */
export function timezoneAt(scope: Scope, address: number, name: string): string {
  const offset = scope.pointer(address + scope.head);
  const label = scope.pointer(address + scope.head + 8);
  const text = scope.show(offset);
  if (text === 'timedelta(0)' && label === 0) return `${name}.utc`;
  return `${name}(${text}${label === 0 ? '' : `, ${scope.show(label)}`})`;
}

/** `zoneinfo.ZoneInfo` (Modules/_zoneinfo.c): key. */
export function zoneAt(scope: Scope, address: number, name: string): string {
  return `${name}(key=${scope.show(scope.pointer(address + scope.head))})`;
}

function dateParts(bytes: Buffer, at: number): number[] {
  return [bytes.readUInt16BE(at), bytes[at + 2]!, bytes[at + 3]!];
}

/** Seconds are left out where there are none, and microseconds likewise. */
function timeParts(bytes: Buffer, at: number): number[] {
  const parts = [bytes[at]!, bytes[at + 1]!, bytes[at + 2]!, bytes.readUIntBE(at + 3, 3)];
  if (parts[3] === 0) parts.pop();
  if (parts.length === 3 && parts[2] === 0) parts.pop();
  return parts;
}

function rest(scope: Scope, address: number, bytes: Buffer, length: number, zoneAt: number): string[] {
  const parts: string[] = [];
  if (scope.layout.major === 3 && bytes[data + length] === 1) parts.push('fold=1');
  if (bytes[8] !== 0) parts.push(`tzinfo=${scope.show(scope.pointer(address + scope.head + zoneAt))}`);
  return parts;
}
