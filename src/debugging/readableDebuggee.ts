/** Where Heatline runs, as far as letting it read another program goes. */
export interface Reader {
  /** Yama's kernel.yama.ptrace_scope; 0 where there is no Yama. */
  readonly ptraceScope: number;
  /** Of the process whose worker samples. */
  readonly pid: number;
  /** Absolute paths: what runs JavaScript here, and the bundled command line. */
  readonly executable: string;
  readonly cli: string;
  /** What `executable` needs in its environment to run scripts. */
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Has the Python of a debug configuration started by `heatline allow`, which asks the kernel to let us read it. That is
 * needed at one of Yama's settings, where only ancestors may read a process: of what debugpy starts in a terminal we
 * are none. The debugger notices nothing, for `allow` becomes the Python.
 *
 * Configurations are taken as they are just before they start, with the interpreter that the Python extension put
 * in. debugpy takes a list for `python`, and runs its own launcher by `debugLauncherPython`, else by the list's first
 * item (debugpy/adapter/clients.py).
 * @returns undefined where the configuration is right as it is, or says too little
 */
export function readableDebuggee(configuration: Readonly<Record<string, unknown>>, reader: Reader): Record<string, unknown> | undefined {
  const { request, console, sudo, debugLauncherPython, env } = configuration;
  // At 2 and 3 nothing of this kind helps. Without a terminal the adapter starts the program, and we the adapter.
  if (reader.ptraceScope !== 1 || request !== 'launch' || console === 'internalConsole' || sudo === true) return undefined;
  const name = configuration['python'] === undefined ? 'pythonPath' : 'python';
  const python = wordsOf(configuration[name]);
  if (python?.[0] === undefined || python[0] === '' || python[0] === reader.executable) return undefined;
  const rest = Object.fromEntries(Object.entries(configuration).filter(([key]) => key !== 'pythonPath'));
  return {
    ...rest,
    python: [reader.executable, reader.cli, 'allow', String(reader.pid), '--', ...python],
    debugLauncherPython: debugLauncherPython ?? python[0],
    ...(Object.keys(reader.environment).length === 0 ? {} : { env: { ...(typeof env === 'object' ? env : {}), ...reader.environment } }),
  };
}

function wordsOf(value: unknown): readonly string[] | undefined {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) && value.every((word) => typeof word === 'string') ? value : undefined;
}
