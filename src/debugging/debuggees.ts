/** The process that a debug session debugs, as its adapter says. */
export interface Debuggee {
  readonly pid: number;
  /** What it runs, for instance "/srv/app.py"; '' if that wasn't said. */
  readonly name: string;
  /** The adapter started it, so it runs where the adapter does. */
  readonly isLaunched: boolean;
}

/** Which process belongs to which debug session, told by the messages of the Debug Adapter Protocol. */
export class Debuggees {
  readonly #bySession = new Map<string, Debuggee>();

  of(sessionId: string): Debuggee | undefined {
    return this.#bySession.get(sessionId);
  }

  /** Takes any message an adapter sends; returns the process it tells of, if it is news. */
  take(sessionId: string, message: unknown): Debuggee | undefined {
    const debuggee = processEvent(message);
    if (debuggee === undefined || this.#bySession.get(sessionId)?.pid === debuggee.pid) return undefined;
    this.#bySession.set(sessionId, debuggee);
    return debuggee;
  }

  forget(sessionId: string): void {
    this.#bySession.delete(sessionId);
  }
}

/**
 * The protocol's `process` event. debugpy's adapter sends it when it has started the program, or connected to
 * one that runs (debugpy/launcher/debuggee.py, pydevd_process_net_command_json.py).
 */
function processEvent(message: unknown): Debuggee | undefined {
  const { type, event, body } = fieldsOf(message);
  if (type !== 'event' || event !== 'process') return undefined;
  const { systemProcessId, name, isLocalProcess, startMethod } = fieldsOf(body);
  if (!isPid(systemProcessId) || isLocalProcess === false) return undefined;
  return { pid: systemProcessId, name: typeof name === 'string' ? name : '', isLaunched: startMethod === 'launch' };
}

/** What debugpy answers to its request `debugpySystemInfo`: for sessions that were there before us. */
export function debuggeeOfSystemInfo(answer: unknown): Debuggee | undefined {
  const { pid } = fieldsOf(fieldsOf(answer)['process']);
  return isPid(pid) ? { pid, name: '', isLaunched: false } : undefined;
}

/** The process id in a configuration: of the child process a session was started for, or of the one to attach to. */
export function debuggeeOfConfiguration(configuration: unknown): Debuggee | undefined {
  const { subProcessId, processId } = fieldsOf(configuration);
  for (const value of [subProcessId, processId]) {
    const pid = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
    if (isPid(pid)) return { pid, name: '', isLaunched: false };
  }
  return undefined;
}

/** The machine that a session's program runs on, where its configuration names another than this one. */
export function remoteHost(configuration: unknown): string | undefined {
  const fields = fieldsOf(configuration);
  const { host } = { ...fields, ...fieldsOf(fields['connect']) } as { readonly host?: unknown };
  return typeof host !== 'string' || /^(?:localhost|127(?:\.\d+){3}|::1|\[::1\]|0\.0\.0\.0|)$/i.test(host) ? undefined : host;
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function isPid(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 && value < 2 ** 31;
}
