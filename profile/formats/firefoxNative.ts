import { type FunctionRecord, isNative, type NativeQuality, nativeFigures } from '../delta.ts';
import type { HeatlineNative } from './firefoxSchema.ts';
import type { JsonObject } from './json.ts';
import { finite, index, list, mapped, object } from './json.ts';

/** Undefined where no function is native. */
export function writtenNative(functions: readonly FunctionRecord[]): HeatlineNative | undefined {
  const native = functions.flatMap((record, func) => (isNative(record) ? [func] : []));
  return native.length === 0 ? undefined : { functionCount: functions.length, functions: native };
}

/**
 * The functions with the kinds that a file of ours says they have; as they are where it says nothing, or the Firefox Profiler saved it
 * again with other functions.
 * @param value the member `heatline.native`
 */
export function withKinds(functions: readonly FunctionRecord[], value: unknown): readonly FunctionRecord[] {
  if (value === undefined) return functions;
  const path = 'heatline.native';
  const data = object(value, path);
  if (finite(data['functionCount'], `${path}.functionCount`) !== functions.length) return functions;
  const all = list(data['functions'], `${path}.functions`);
  const native = new Set(mapped(all, (func, i) => index(func, functions.length, `${path}.functions[${i}]`)));
  return functions.map((record, func) => (native.has(func) ? { ...record, kind: 'native' as const } : record));
}

/** Undefined in files without native frames. */
export function readNativeQuality(value: unknown): NativeQuality | undefined {
  if (value === undefined) return undefined;
  const path = 'heatline.quality.native';
  const data: JsonObject = object(value, path);
  return Object.fromEntries(nativeFigures.map((name) => [name, finite(data[name], `${path}.${name}`)])) as unknown as NativeQuality;
}
