import { isAbsolute, join, sep } from 'node:path';
import type { PythonProcess } from '../../native/index.ts';

/** Command lines of language servers, debug adapters and the like: Python, but rarely what one wants to profile. */
const TOOL = /[\\/](?:ms-python\.|debugpy[\\/]adapter|jupyterlab-lsp)|\b(?:pylsp|jedi-language-server|pyright|ruff server|debugpy\.adapter|lsp_server\.py|get_output_via_markers\.py)\b/;
const MAX_COMMAND_LINE = 300;

/** Processes to choose from, each group with the likeliest first. */
export interface ProcessGroups {
  /** Those that have to do with a workspace folder. */
  readonly workspace: readonly PythonProcess[];
  readonly others: readonly PythonProcess[];
}

/** Own processes before those of others, programs before tools, busy ones before idle, young before old. */
export function groupProcesses(processes: readonly PythonProcess[], folders: readonly string[]): ProcessGroups {
  const sorted = [...processes].sort(
    (a, b) =>
      Number(b.isOwn) - Number(a.isOwn) ||
      Number(isTool(a)) - Number(isTool(b)) ||
      Math.round(b.cpuPercent) - Math.round(a.cpuPercent) ||
      b.startedAt - a.startedAt ||
      b.pid - a.pid,
  );
  const isInWorkspace = (process: PythonProcess): boolean => !isTool(process) && folders.some((folder) => belongsTo(process, folder));
  return { workspace: sorted.filter(isInWorkspace), others: sorted.filter((process) => !isInWorkspace(process)) };
}

function belongsTo(process: PythonProcess, folder: string): boolean {
  const { workingDirectory, executable } = process;
  const root = folder.endsWith(sep) ? folder : folder + sep;
  return [workingDirectory === null ? '' : workingDirectory + sep, scriptPath(process) ?? '', executable].some((path) => path.startsWith(root));
}

/** The absolute path of a process's script; null where it runs a module or no file, or where that can't be known. */
export function scriptPath({ script, workingDirectory }: PythonProcess): string | null {
  if (script === null || script.startsWith('-')) return null;
  if (isAbsolute(script)) return script;
  return workingDirectory === null ? null : join(workingDirectory, script);
}

function isTool({ commandLine }: PythonProcess): boolean {
  return TOOL.test(commandLine.join(' '));
}

/** A command line to read, not to run: on one line, quoted where it must be, cut where it is long. */
export function commandLineText(commandLine: readonly string[]): string {
  const words = commandLine.map((word) => {
    const printable = word.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ');
    return /[\s"']/.test(printable) || printable === '' ? JSON.stringify(printable) : printable;
  });
  const text = words.join(' ');
  return text.length > MAX_COMMAND_LINE ? `${text.slice(0, MAX_COMMAND_LINE)}…` : text;
}

/** The process id that a user typed, if the text is one. */
export function typedPid(text: string): number | undefined {
  const trimmed = text.trim();
  if (!/^\d{1,10}$/.test(trimmed)) return undefined;
  const pid = Number(trimmed);
  return pid > 0 && pid < 2 ** 32 ? pid : undefined;
}
