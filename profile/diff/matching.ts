import type { FunctionRecord } from '../delta.ts';

/** A function of one profile or both. What has the same name and file there is one. */
export interface MatchedFunction {
  /** The first line of the first of them; 0: not known. Null: there is none. */
  readonly before: FunctionRecord | null;
  readonly after: FunctionRecord | null;
}

export interface Matching {
  readonly functions: readonly MatchedFunction[];
  /** By function id: its place in `functions`. */
  readonly ofBefore: Int32Array;
  readonly ofAfter: Int32Array;
}

/** Folders of a file's name that are compared, from its end. */
const mostFolders = 64;

/** What has the same name and file in one profile. */
interface Entity {
  readonly record: FunctionRecord;
  readonly ids: number[];
}

/**
 * Which functions of two profiles are the same: those with the same name and file. Where roots differ (another folder, another
 * machine, names that were shortened to the part in their package), the end of the file's name decides, the longest one that only
 * one function of each profile has. Where one profile has no qualified names (Python to 3.10, py-spy), the last part of the name does,
 * if there is one function alone that has it. What was renamed, or is in a file with another name, has no counterpart.
 */
export function matchFunctions(before: readonly FunctionRecord[], after: readonly FunctionRecord[]): Matching {
  const [entitiesBefore, entitiesAfter] = [entitiesOf(before), entitiesOf(after)];
  const pairs = new Map<Entity, Entity>();
  const free = { before: new Set(entitiesBefore.values()), after: new Set(entitiesAfter.values()) };
  const pair = (one: Entity, other: Entity): void => {
    pairs.set(one, other);
    free.before.delete(one);
    free.after.delete(other);
  };
  for (const [key, one] of entitiesBefore) {
    const other = entitiesAfter.get(key);
    if (other !== undefined) pair(one, other);
  }
  pairByEnds(free, ({ name }) => name, pair);
  const isPlain = ({ record }: Entity): boolean => simpleName(record) === record.name;
  pairByEnds(free, simpleName, (one, other) => {
    if (isPlain(one) || isPlain(other)) pair(one, other);
  });

  const functions: MatchedFunction[] = [];
  const [ofBefore, ofAfter] = [new Int32Array(before.length), new Int32Array(after.length)];
  const add = (one: Entity | null, other: Entity | null): void => {
    for (const id of one?.ids ?? []) ofBefore[id] = functions.length;
    for (const id of other?.ids ?? []) ofAfter[id] = functions.length;
    functions.push({ before: one?.record ?? null, after: other?.record ?? null });
  };
  for (const one of entitiesBefore.values()) add(one, pairs.get(one) ?? null);
  for (const other of free.after) add(null, other);
  return { functions, ofBefore, ofAfter };
}

function entitiesOf(records: readonly FunctionRecord[]): Map<string, Entity> {
  const entities = new Map<string, Entity>();
  records.forEach((record, id) => {
    const key = `${record.name}\0${record.file}`;
    const known = entities.get(key);
    if (known === undefined) entities.set(key, { record, ids: [id] });
    else known.ids.push(id);
  });
  return entities;
}

/** Pairs what has the same name and end of its file's name, alone in each profile; longer ends first. */
function pairByEnds(
  free: { readonly before: ReadonlySet<Entity>; readonly after: ReadonlySet<Entity> },
  nameOf: (record: FunctionRecord) => string,
  pair: (before: Entity, after: Entity) => void,
): void {
  const parts = new Map<Entity, readonly string[]>();
  for (const entity of [...free.before, ...free.after]) parts.set(entity, partsOf(entity.record.file));
  let longest = 0;
  for (const { length } of parts.values()) longest = Math.max(longest, length);
  for (let count = Math.min(longest, mostFolders); count > 0; count--) {
    /** By name and end; null: there are several. */
    const ends = (entities: ReadonlySet<Entity>): Map<string, Entity | null> => {
      const found = new Map<string, Entity | null>();
      for (const entity of entities) {
        const own = parts.get(entity)!;
        if (own.length < count) continue;
        const key = [nameOf(entity.record), ...own.slice(-count)].join('\0');
        found.set(key, found.has(key) ? null : entity);
      }
      return found;
    };
    const others = ends(free.after);
    for (const [key, one] of ends(free.before)) {
      const other = others.get(key);
      if (one !== null && other !== undefined && other !== null) pair(one, other);
    }
  }
}

/** None for what is no file: strings, frozen modules, cells, what has no file at all. */
function partsOf(file: string): readonly string[] {
  return file.startsWith('<') ? [] : file.split(/[/\\]/).filter((part) => part !== '' && part !== '.');
}

/** `Class.method` is `method`, and `f.<locals>.g` is `g`. */
function simpleName({ name }: FunctionRecord): string {
  return name.slice(name.lastIndexOf('.') + 1);
}
