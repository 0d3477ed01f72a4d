import type { FunctionRecord } from '../delta.ts';
import { PairTable } from '../pairTable.ts';
import { ProfileFormatError } from '../profileFormatError.ts';
import type { JsonObject } from './json.ts';
import { bad, column, index, list, mapped, object, text } from './json.ts';
import type { List } from './numberColumn.ts';

/** Characters of the names and files of all functions together: those of half a million functions. */
const MAX_TEXT = 64_000_000;

/** Functions, frames and stacks of a table, each: in a file they may take a byte a piece, but not here. */
const MAX_ROWS = 8_000_000;

/** Functions, frames and stacks of a file; ids are ours (stack 0 is the empty one). */
export class FirefoxTables {
  readonly functions: FunctionRecord[] = [];
  frameFunctions: number[] = [];
  frameLines: number[] = [];
  stackParents: number[] = [];
  stackFrames: number[] = [];
  readonly #functionIds = new Map<string, number>();
  readonly #stringIds = new Map<string, number>();
  #textLength = 0;
  readonly #frameIds = new PairTable();
  readonly #stackIds = new PairTable();

  /** Takes tables in as they are: the file's indices are our ids (stacks: plus 1). For a file's only tables. */
  adopt(tables: JsonObject, shared: JsonObject, path: string): void {
    for (const record of readFunctions(tables, shared, path)) this.#add(record);
    const frames = readFrames(tables, this.functions.length, path);
    this.frameFunctions = frames.functions;
    this.frameLines = frames.lines;
    const stacks = readStacks(tables, this.frameFunctions.length, path);
    this.stackParents = stacks.parents;
    this.stackFrames = stacks.frames;
  }

  /** Adds tables of one thread, so that what several threads have in common has one id. Returns our stack id by theirs plus 1. */
  intern(tables: JsonObject, shared: JsonObject, path: string): Uint32Array {
    const functions = readFunctions(tables, shared, path);
    const frames = readFrames(tables, functions.length, path);
    const stacks = readStacks(tables, frames.functions.length, path);
    const functionIds = functions.map((record) => this.#functionId(record));
    const frameIds = frames.functions.map((func, i) => {
      const id = this.#frameIds.id(functionIds[func]!, frames.lines[i]!);
      if (id === this.frameFunctions.length) {
        this.frameFunctions.push(functionIds[func]!);
        this.frameLines.push(frames.lines[i]!);
      }
      return id;
    });
    const stackIds = new Uint32Array(stacks.frames.length + 1);
    for (let i = 0; i < stacks.frames.length; i++) {
      const parent = stackIds[stacks.parents[i]!]!;
      const frame = frameIds[stacks.frames[i]!]!;
      const id = this.#stackIds.id(parent, frame);
      if (id === this.stackFrames.length) {
        this.stackParents.push(parent);
        this.stackFrames.push(frame);
      }
      stackIds[i + 1] = id + 1;
    }
    return stackIds;
  }

  #functionId(record: FunctionRecord): number {
    // Of numbers, as many functions may share one long name.
    const key = `${this.#stringId(record.name)} ${this.#stringId(record.file)} ${record.firstLine}`;
    let id = this.#functionIds.get(key);
    if (id === undefined) {
      id = this.functions.length;
      this.#add(record);
      this.#functionIds.set(key, id);
    }
    return id;
  }

  #stringId(string: string): number {
    let id = this.#stringIds.get(string);
    if (id === undefined) this.#stringIds.set(string, (id = this.#stringIds.size));
    return id;
  }

  /** Functions name their texts by number, so that a small file can mean one long text a million times: nobody could show or send that. */
  #add(record: FunctionRecord): void {
    this.#textLength += record.name.length + record.file.length;
    if (this.#textLength > MAX_TEXT)
      throw new ProfileFormatError('The names of this profile’s functions and files are longer than Heatline can show.');
    this.functions.push(record);
  }
}

/** Strings moved from the thread to the whole file in version 56, files from strings to a table in 58. */
function readFunctions(tables: JsonObject, shared: JsonObject, path: string): FunctionRecord[] {
  const stringPath = shared['stringArray'] === undefined ? `${path}.stringArray` : 'shared.stringArray';
  const strings = list(shared['stringArray'] ?? tables['stringArray'] ?? tables['stringTable'], stringPath);
  const string = (at: unknown, column: string, i: number): string => {
    const where = `${path}.${column}[${i}]`;
    return text(strings.at(index(at, strings.length, where)), where);
  };
  const table = object(tables['funcTable'], `${path}.funcTable`);
  const names = rows(table['name'], `${path}.funcTable.name`);
  const { length } = names;
  const lines = column(table['lineNumber'], length, `${path}.funcTable.lineNumber`);
  const resources = column(table['resource'], length, `${path}.funcTable.resource`);
  const resourceNames = list(object(tables['resourceTable'], `${path}.resourceTable`)['name'], `${path}.resourceTable.name`);
  const hasSources = table['source'] !== undefined;
  const files = hasSources
    ? column(table['source'], length, `${path}.funcTable.source`)
    : column(table['fileName'], length, `${path}.funcTable.fileName`);
  const sources = hasSources ? list(object(shared['sources'], 'shared.sources')['filename'], 'shared.sources.filename') : [];
  const fileOf = (i: number): string => {
    const file = files.at(i);
    if (file !== null) {
      return string(hasSources ? sources.at(index(file, sources.length, `${path}.funcTable.source[${i}]`)) : file, 'funcTable.source', i);
    }
    // Native code: the library it is in.
    if (resources.at(i) === -1) return '';
    const resource = index(resources.at(i), resourceNames.length, `${path}.funcTable.resource[${i}]`);
    return string(resourceNames.at(resource), 'resourceTable.name', resource);
  };
  return mapped(names, (name, i) => ({
    name: string(name, 'funcTable.name', i),
    file: fileOf(i),
    firstLine: lineNumber(lines.at(i), `${path}.funcTable.lineNumber[${i}]`),
  }));
}

function readFrames(tables: JsonObject, functionCount: number, path: string): { functions: number[]; lines: number[] } {
  const table = object(tables['frameTable'], `${path}.frameTable`);
  const functions = rows(table['func'], `${path}.frameTable.func`);
  const lines = column(table['line'], functions.length, `${path}.frameTable.line`);
  return {
    functions: mapped(functions, (func, i) => index(func, functionCount, `${path}.frameTable.func[${i}]`)),
    lines: mapped(lines, (line, i) => lineNumber(line, `${path}.frameTable.line[${i}]`)),
  };
}

/** Parents are the file's indices plus 1; 0: none. From version 69 on they are given as distances. */
function readStacks(tables: JsonObject, frameCount: number, path: string): { parents: number[]; frames: number[] } {
  const table = object(tables['stackTable'], `${path}.stackTable`);
  const frames = rows(table['frame'], `${path}.stackTable.frame`);
  const byDistance = table['prefix'] === undefined && table['prefixOffset'] !== undefined;
  const name = byDistance ? 'prefixOffset' : 'prefix';
  const prefixes = column(table[name], frames.length, `${path}.stackTable.${name}`);
  const parents = mapped(prefixes, (prefix, i) => {
    const where = `${path}.stackTable.${name}[${i}]`;
    if (byDistance) return prefix === 0 ? 0 : i - index(prefix, i + 1, where) + 1;
    return prefix === null ? 0 : index(prefix, i, where) + 1;
  });
  return { parents, frames: mapped(frames, (frame, i) => index(frame, frameCount, `${path}.stackTable.frame[${i}]`)) };
}

/** A table's first column. */
function rows(value: unknown, path: string): List {
  const values = list(value, path);
  if (values.length > MAX_ROWS)
    throw new ProfileFormatError(`This profile has more functions, frames or stacks than Heatline can show: ${path} has ${values.length}.`);
  return values;
}

/** 0 for null and for what can't be a line: other tools' files may say -1 for "unknown". */
function lineNumber(value: unknown, path: string): number {
  if (value === null) return 0;
  if (typeof value !== 'number') bad(path, 'is not a line number');
  return Number.isInteger(value) && value > 0 && value < 2 ** 31 ? value : 0;
}
