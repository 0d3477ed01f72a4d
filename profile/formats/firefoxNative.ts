import { type FunctionRecord, isNative, type NativeQuality, nativeFigures } from '../delta.ts';
import type { HeatlineNative } from './firefoxSchema.ts';
import type { JsonObject } from './json.ts';
import { finite, index, list, mapped, object, text } from './json.ts';

/** Undefined where no function is native. */
export function writtenNative(functions: readonly FunctionRecord[]): HeatlineNative | undefined {
  const native = functions.flatMap((record, func) => (isNative(record) ? [func] : []));
  const libraries = native.map((func) => functions[func]!.library ?? '');
  return native.length === 0 ? undefined : { functionCount: functions.length, functions: native, libraries };
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
  // Files that were written before lines of native code were read lack them.
  const libraries = data['libraries'] === undefined ? undefined : list(data['libraries'], `${path}.libraries`);
  const native = new Map(
    mapped(all, (func, i): [number, string] => [
      index(func, functions.length, `${path}.functions[${i}]`),
      libraries === undefined ? '' : text(libraries.at(i), `${path}.libraries[${i}]`),
    ]),
  );
  return functions.map((record, func) => {
    const library = native.get(func);
    if (library === undefined) return record;
    return { ...record, kind: 'native' as const, ...(library === '' ? {} : { library }) };
  });
}

/** Undefined in files without native frames. */
export function readNativeQuality(value: unknown): NativeQuality | undefined {
  if (value === undefined) return undefined;
  const path = 'heatline.quality.native';
  const data: JsonObject = object(value, path);
  return Object.fromEntries(nativeFigures.map((name) => [name, finite(data[name], `${path}.${name}`)])) as unknown as NativeQuality;
}
