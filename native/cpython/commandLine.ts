import path from 'node:path';

/** What a Python process was told to run. */
export interface PythonProgram {
  /** For people: the script's or module's name without folders, else the executable's. */
  readonly name: string;
  /** The script's path as it was given, "-m module", or null for -c, standard input or the prompt. */
  readonly script: string | null;
}

/** One-letter options of any Python from 2.7 to 3.15 that take a value, in the same argument or the next. */
const optionsWithValue = 'WXQ';
const longOptionsWithValue = new Set(['--check-hash-based-pycs']);
/** Options of debugpy without a value. */
const debugpyFlags = new Set(['--wait-for-client', '--log-to-stderr', '--version', '--help', '-?', '-h', '-V']);
/** Options of glibc's dynamic linker with a value (ld.so --help). */
const linkerOptionsWithValue = new Set([
  '--library-path',
  '--glibc-hwcaps-prepend',
  '--inhibit-rpath',
  '--audit',
  '--preload',
  '--argv0',
  '--list-diagnostics',
]);

/** What programs that Python starts by itself are called, by what is in their -c. */
const knownCommands = [
  /^from (multiprocessing\.(?:spawn|forkserver|resource_tracker)) import/,
  /^from (joblib\.externals\.loky\.backend\.\w+) import/,
];

/**
 * What runs, by the command line (Python/initconfig.c, config_parse_cmdline; Python/getopt.c).
 * @param executable path of the executable, for programs that replaced their command line by a title
 */
export function parseCommandLine(commandLine: readonly string[], executable: string | null): PythonProgram {
  const fallback = path.basename(executable ?? commandLine[0] ?? '');
  const args = withoutLinker(commandLine);
  const first = args[0];
  if (first === undefined) return { name: fallback, script: null };
  if (!isPythonName(first) && !(executable !== null && isPythonName(executable) && args.length > 1)) {
    // Another program with Python inside (uwsgi), or one that shows a title in place of its arguments.
    const isTitle = args.length === 1 && first.includes(' ') && !path.isAbsolute(first);
    return { name: isTitle ? first.trim() : path.basename(first), script: null };
  }
  for (let i = 1; i < args.length; i++) {
    const argument = args[i]!;
    if (argument === '-' || argument === '--') {
      const next = argument === '--' ? args[i + 1] : undefined;
      return next === undefined ? { name: fallback, script: null } : ofScript(next, fallback);
    }
    if (!argument.startsWith('-')) return ofDebugged(argument, args.slice(i + 1), fallback) ?? ofScript(argument, fallback);
    if (argument.startsWith('--')) {
      if (longOptionsWithValue.has(argument)) i++;
      continue;
    }
    for (let at = 1; at < argument.length; at++) {
      const letter = argument[at]!;
      const value = argument.slice(at + 1) || (args[i + 1] ?? '');
      if (letter === 'c') return ofCommand(value, fallback);
      if (letter === 'm')
        return (
          (value === 'debugpy' ? ofDebugged(value, args.slice(at + 1 === argument.length ? i + 2 : i + 1), fallback) : undefined) ??
          ofModule(value, fallback)
        );
      if (optionsWithValue.includes(letter)) {
        if (at === argument.length - 1) i++;
        break;
      }
    }
  }
  return { name: fallback, script: null };
}

/** Whether a path or a program's name is that of a Python: "python3.12", "python3-dbg", "PYTHON.EXE". */
export function isPythonName(name: string): boolean {
  // A login shell's way of starting a program puts "-" in front.
  return /^-?python(?:w|\d[\d.]*)?[a-z]{0,2}(?:-dbg)?(?:\.exe)?$/i.test(path.basename(name));
}

/** "ld-linux-x86-64.so.2 --library-path … python3 script" is python3 script. */
function withoutLinker(args: readonly string[]): readonly string[] {
  if (!/^ld(?:-linux|-musl|64)?[-.\w]*\.so[.\d]*$/.test(path.basename(args[0] ?? ''))) return args;
  let i = 1;
  while (i < args.length && args[i]!.startsWith('--')) i += linkerOptionsWithValue.has(args[i]!) ? 2 : 1;
  return i < args.length ? args.slice(i) : args;
}

function ofScript(script: string, fallback: string): PythonProgram {
  if (script === '') return { name: fallback, script: null };
  const base = path.basename(script);
  // A package or an app's folder started by its __main__.py is called by the folder.
  const name = base === '__main__.py' ? path.basename(path.dirname(script)) || base : base;
  return { name: name === '.' ? base : name, script };
}

function ofModule(module: string, fallback: string): PythonProgram {
  return module === '' ? { name: fallback, script: null } : { name: module, script: `-m ${module}` };
}

/**
 * What debugpy debugs (debugpy/server/cli.py): `python …/debugpy --connect … app.py`. Processes that it starts run pydevd.py, which is told
 * what by --file, its last option (pydevd_command_line_handling.py).
 * @returns undefined where it is none
 */
function ofDebugged(script: string, args: readonly string[], fallback: string): PythonProgram | undefined {
  if (path.basename(script) === 'pydevd.py') {
    const file = args.indexOf('--file');
    return file >= 0 && args[file + 1] !== undefined ? ofScript(args[file + 1]!, fallback) : undefined;
  }
  if (!/(?:^|[\\/])debugpy(?:[\\/]__main__\.py)?$/.test(script)) return undefined;
  for (let i = 0; i < args.length; i++) {
    const argument = args[i]!;
    if (argument === '-m') return ofModule(args[i + 1] ?? '', fallback);
    if (argument === '-c') return ofCommand(args[i + 1] ?? '', fallback);
    if (!argument.startsWith('-')) return ofScript(argument, fallback);
    if (!debugpyFlags.has(argument)) i++; // and its value
  }
  return undefined;
}

function ofCommand(command: string, fallback: string): PythonProgram {
  for (const pattern of knownCommands) {
    const module = pattern.exec(command)?.[1];
    if (module !== undefined) return { name: module, script: null };
  }
  return { name: `${fallback} -c`, script: null };
}
