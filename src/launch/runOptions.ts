import { dirname, isAbsolute, join } from 'node:path';
import type { ModuleName } from './moduleName.ts';

/** How a file is run, as settings say or as the user said the last time. What is missing is not said. */
export interface RunOptions {
  readonly args?: readonly string[];
  /** May hold `${…}`. */
  readonly workingDirectory?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** By `python -m`. */
  readonly asModule?: boolean;
}

/** A file, ready to run. */
export interface FileRun {
  /** What to call it: "app.py" or "shop.report". */
  readonly name: string;
  /** All that comes after Python's own arguments: the script or `-m` and the module, and what it is given. */
  readonly args: readonly string[];
  readonly workingDirectory: string;
  /** Added to the terminal's. */
  readonly environment: Readonly<Record<string, string>>;
}

/** What is known of a file that is to be run. */
export interface FileFacts {
  readonly file: string;
  /** Its workspace folder. */
  readonly folder: string | undefined;
  /** Undefined where it is in no package. */
  readonly module: ModuleName | undefined;
  readonly variables: Variables;
}

/** What `${…}` in settings stands for. */
export interface Variables {
  readonly home: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Puts together what settings and the last run say; the last run has the last word. */
export function fileRun({ file, folder, module, variables }: FileFacts, settings: RunOptions, last: RunOptions): FileRun {
  // A package's __main__.py is meant for -m, and its relative imports work in no other way.
  const asModule = module !== undefined && (last.asModule ?? settings.asModule ?? /[\\/]__main__\.pyw?$/.test(file));
  const given = last.workingDirectory ?? settings.workingDirectory ?? '';
  const usual = asModule ? module.root : (folder ?? dirname(file));
  const args = last.args ?? settings.args ?? [];
  return {
    name: asModule ? module.name : file.slice(dirname(file).length).replace(/^[\\/]/, ''),
    args: asModule ? ['-m', module.name, ...args] : [file, ...args],
    workingDirectory: given === '' ? usual : absolutePath(given, file, folder, variables),
    environment: { ...settings.environment, ...last.environment },
  };
}

/** A path from the settings, absolute: relative ones start at the workspace folder. */
export function absolutePath(path: string, file: string | undefined, folder: string | undefined, { home, environment }: Variables): string {
  const filled = fillVariables(
    path.replace(/^~(?=$|[\\/])/, () => home),
    file,
    folder,
    { home, environment },
  );
  return isAbsolute(filled) ? filled : join(baseFolder(file, folder, home), filled);
}

/** Replaces the `${…}` that are known. */
export function fillVariables(
  text: string,
  file: string | undefined,
  folder: string | undefined,
  { home, environment }: Variables,
): string {
  const values: Readonly<Record<string, string | undefined>> = {
    workspaceFolder: baseFolder(file, folder, home),
    userHome: home,
    ...(file === undefined ? {} : { file, fileDirname: dirname(file) }),
  };
  return text.replaceAll(
    /\$\{(env:)?(\w+)\}/g,
    (whole, isEnvironment: string | undefined, name: string) =>
      (isEnvironment === undefined ? values[name] : (environment[name] ?? '')) ?? whole,
  );
}

function baseFolder(file: string | undefined, folder: string | undefined, home: string): string {
  return folder ?? (file === undefined ? home : dirname(file));
}

/** What was stored or set, as far as it makes sense. */
export function parseRunOptions(value: unknown): RunOptions {
  if (typeof value !== 'object' || value === null) return {};
  const { args, workingDirectory, environment, asModule } = value as Readonly<Record<string, unknown>>;
  return {
    ...(isStrings(args) ? { args } : {}),
    ...(typeof workingDirectory === 'string' ? { workingDirectory } : {}),
    ...(typeof environment === 'object' && environment !== null && isStrings(Object.values(environment))
      ? { environment: { ...(environment as Readonly<Record<string, string>>) } }
      : {}),
    ...(typeof asModule === 'boolean' ? { asModule } : {}),
  };
}

function isStrings(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

/** `NAME=value` pairs as a person types them, separated like arguments. @returns undefined if one of them is none */
export function parseEnvironment(words: readonly string[]): Record<string, string> | undefined {
  const pairs = words.map((word) => /^([^=\s]+)=(.*)$/s.exec(word));
  if (pairs.includes(null)) return undefined;
  return Object.fromEntries(pairs.map((match) => [match![1]!, match![2]!]));
}
