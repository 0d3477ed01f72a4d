import { Functions } from './functions.ts';

export interface TestFunction {
  readonly name: string;
  readonly file: string;
  readonly firstLine: number;
  /** As FunctionsMessage has it; 0 unless told. */
  readonly native?: number;
  /** The program's own unless told. */
  readonly library?: string;
}

/** Functions that came in one message, with ids in their order; so have files and libraries, by where they appear first. */
export function functionsOf(...records: readonly TestFunction[]): Functions {
  const newFiles = [...new Set(records.map(({ file }) => file))];
  const newLibraries = [...new Set(records.flatMap(({ library }) => library ?? []))];
  const result = new Functions();
  result.add({
    type: 'functions',
    first: 0,
    firstFile: 0,
    names: records.map(({ name }) => name),
    newFiles,
    files: Int32Array.from(records, ({ file }) => newFiles.indexOf(file)),
    firstLines: Int32Array.from(records, ({ firstLine }) => firstLine),
    native: Uint8Array.from(records, ({ native = 0 }) => native),
    libraries: Int32Array.from(records, ({ library }) => (library === undefined ? -1 : newLibraries.indexOf(library))),
    firstLibrary: 0,
    newLibraries,
  });
  return result;
}
