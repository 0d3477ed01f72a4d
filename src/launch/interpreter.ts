import { join } from 'node:path';

/** How to start a Python: a program and the arguments that come before the script. */
export type PythonCommand = readonly [string, ...string[]];

/** Who can say which Python is the workspace's. All paths absolute, or names that are on the PATH. */
export interface InterpreterSources {
  /** What Heatline's own setting names; '' for nothing. */
  readonly setting: string;
  /** Extensions that manage interpreters, those that are asked first in front. They may be missing, slow or broken. */
  readonly extensions: readonly (() => Promise<PythonCommand | undefined>)[];
  /** What the Python extension's setting `python.defaultInterpreterPath` names; '' for nothing. */
  readonly defaultPath: string;
  /** Folders that may hold a virtual environment, the nearest to the script first. */
  readonly folders: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  /** Whether there is a program with this absolute path, or of this name on the PATH. */
  readonly isProgram: (path: string) => Promise<boolean>;
  readonly log: (message: string) => void;
}

/** Names of virtual environments in a folder, as tools and tutorials call them. */
const VIRTUAL_ENVIRONMENTS = ['.venv', 'venv', '.env', 'env'];

/** ms that an extension may take to say which interpreter is chosen. */
const PATIENCE = 10_000;

/**
 * The Python to run the workspace's programs with: the setting of Heatline, else what the user chose in an
 * extension, else a virtual environment in the workspace or an active one, else `python3`.
 * @returns undefined if there is none; whatever is named and is not there is left out, with a line in the log
 */
export async function findInterpreter(sources: InterpreterSources): Promise<PythonCommand | undefined> {
  const { setting, extensions, defaultPath, folders, environment, platform, isProgram, log } = sources;
  const checked = async (path: string, who: string): Promise<PythonCommand | undefined> => {
    if (path === '') return undefined;
    for (const candidate of [path, join(path, programIn(platform))]) if (await isProgram(candidate)) return [candidate];
    log(`${who} names ${path}, where no program is.`);
    return undefined;
  };

  const own = await checked(setting, 'The setting heatline.run.python');
  if (own !== undefined) return own;
  for (const ask of extensions) {
    try {
      const command = await withPatience(ask());
      if (command !== undefined && (await isProgram(command[0]))) return command;
      if (command !== undefined) log(`A Python extension names ${command[0]}, where no program is.`);
    } catch (error) {
      log(`A Python extension did not say which interpreter is chosen: ${String(error)}`);
    }
  }
  // "python", the default, means none in particular.
  const other = defaultPath === 'python' ? undefined : await checked(defaultPath, 'The setting python.defaultInterpreterPath');
  if (other !== undefined) return other;

  const places = [
    ...folders.flatMap((folder) => VIRTUAL_ENVIRONMENTS.map((name) => join(folder, name))),
    ...[environment['VIRTUAL_ENV'], environment['CONDA_PREFIX']].filter((path): path is string => path !== undefined && path !== ''),
  ];
  for (const place of places) {
    // Conda on Windows has its python.exe in the environment's folder itself.
    for (const program of platform === 'win32' ? [programIn(platform), 'python.exe'] : [programIn(platform)]) {
      if (await isProgram(join(place, program))) return [join(place, program)];
    }
  }
  for (const name of platform === 'win32' ? ['python.exe', 'py.exe'] : ['python3', 'python']) if (await isProgram(name)) return [name];
  return undefined;
}

/** Where an environment's Python is in it. */
function programIn(platform: NodeJS.Platform): string {
  return platform === 'win32' ? join('Scripts', 'python.exe') : join('bin', 'python');
}

async function withPatience<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${PATIENCE / 1000} s`)), PATIENCE);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
