import { ProfileFormatError } from '../profileFormatError.ts';
import { type List, NumberColumn } from './numberColumn.ts';

/** Parsed JSON (JsonReader) whose type has been checked, and no more than that. */
export type JsonObject = Readonly<Record<string, unknown>>;

/*
 * Everything below takes a value and its path in the file, and returns the value with its type or
 * throws a ProfileFormatError that names the path.
 */

export function object(value: unknown, path: string): JsonObject {
  if (typeof value !== 'object' || value === null || isList(value)) bad(path, 'is not an object');
  return value as JsonObject;
}

export function list(value: unknown, path: string): List {
  if (!isList(value)) bad(path, 'is not a list');
  return value;
}

export function isList(value: unknown): value is List {
  return Array.isArray(value) || value instanceof NumberColumn;
}

/** What is made of each value of a list. */
export function mapped<T>(values: List, of: (value: unknown, index: number) => T): T[] {
  const made: T[] = [];
  for (let index = 0; index < values.length; index++) made.push(of(values.at(index), index));
  return made;
}

export function text(value: unknown, path: string): string {
  if (typeof value !== 'string') bad(path, 'is not a text');
  return value;
}

export function finite(value: unknown, path: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) bad(path, 'is not a number');
  return value;
}

/** An integer from 0 to `count` - 1. */
export function index(value: unknown, count: number, path: string): number {
  if (!Number.isInteger(value) || (value as number) < 0 || (value as number) >= count) bad(path, 'points at nothing');
  return value as number;
}

/** A list of as many values as told. */
export function column(value: unknown, length: number, path: string): List {
  const values = list(value, path);
  if (values.length !== length) bad(path, `has ${values.length} entries where ${length} are due`);
  return values;
}

export function bad(path: string, problem: string): never {
  throw new ProfileFormatError(`This is not a profile Heatline can read: ${path} ${problem}.`);
}
