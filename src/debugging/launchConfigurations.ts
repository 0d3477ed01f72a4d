/** A configuration or compound of launch.json, as far as profiling it goes. */
export interface LaunchChoice {
  readonly name: string;
  /** Name of the workspace folder it is of; undefined for the workspace's own. */
  readonly folder: string | undefined;
  /** What it starts, to tell it from others: "app.py", "module flask", "attach to localhost:5678". */
  readonly detail: string;
}

/** What can't be profiled from launch.json. */
export interface LeftOut {
  readonly name: string;
  readonly folder: string | undefined;
  readonly reason: 'notPython' | 'compound' | 'broken';
  /** The configuration's type, where that is the reason. */
  readonly type: string;
}

/** Types of Python debug configurations: of the Python Debugger extension, and of the Python extension before it. */
export const PYTHON_TYPES: readonly string[] = ['debugpy', 'python'];

/** What `launch` holds in the settings of a folder, sorted into what can be profiled and what can't. Anything may be in it. */
export function launchChoices(
  launch: unknown,
  folder: string | undefined,
): { readonly choices: LaunchChoice[]; readonly leftOut: LeftOut[] } {
  const choices: LaunchChoice[] = [];
  const leftOut: LeftOut[] = [];
  const { configurations, compounds } = fieldsOf(launch);
  for (const configuration of arrayOf(configurations)) {
    const fields = fieldsOf(configuration);
    const { name, type, request, presentation } = fields;
    if (fieldsOf(presentation)['hidden'] === true) continue;
    if (typeof name !== 'string' || typeof type !== 'string')
      leftOut.push({ name: typeof name === 'string' ? name : '?', folder, reason: 'broken', type: '' });
    else if (!PYTHON_TYPES.includes(type)) leftOut.push({ name, folder, reason: 'notPython', type });
    else choices.push({ name, folder, detail: request === 'attach' ? attachDetail(fields) : programDetail(fields) });
  }
  for (const compound of arrayOf(compounds)) {
    const { name } = fieldsOf(compound);
    if (typeof name === 'string') leftOut.push({ name, folder, reason: 'compound', type: '' });
  }
  return { choices, leftOut };
}

function programDetail({ program, module, code, args }: Readonly<Record<string, unknown>>): string {
  const what = typeof module === 'string' ? `-m ${module}` : typeof program === 'string' ? program : code === undefined ? '' : '-c';
  const given =
    typeof args === 'string'
      ? args
      : arrayOf(args)
          .filter((arg) => typeof arg === 'string')
          .join(' ');
  return [what, given].filter((part) => part !== '').join(' ');
}

function attachDetail({ connect, host, port, processId }: Readonly<Record<string, unknown>>): string {
  const target = { host, port, ...fieldsOf(connect) };
  const pid = typeof processId === 'string' || typeof processId === 'number' ? String(processId) : '';
  const address = [target.host, target.port].filter((part) => typeof part === 'string' || typeof part === 'number').join(':');
  return `→ ${pid === '' ? address : pid}`;
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Readonly<Record<string, unknown>>) : {};
}

function arrayOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
