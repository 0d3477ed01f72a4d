import { isAbsolute, join, sep } from 'node:path';
import type { PythonProcess } from '../../native/index.ts';

/** Command lines of language servers, debug adapters and the like: Python, but rarely what one wants to profile. */
const TOOL =
  /[\\/](?:ms-python\.|debugpy[\\/](?:adapter|launcher)|jupyterlab-lsp)|\b(?:pylsp|jedi-language-server|pyright|ruff server|debugpy\.(?:adapter|launcher)|lsp_server\.py|get_output_via_markers\.py)\b/;
const MAX_COMMAND_LINE = 300;

/** A process in its place in the list. */
export interface ListedProcess {
  readonly process: PythonProcess;
  /** How many of the processes that started it are listed above it. */
  readonly depth: number;
  /** How many processes listed below it it started, or those that it started. */
  readonly descendants: number;
}

/** Processes to choose from, each group with the likeliest first, and those that a process started right below it. */
export interface ProcessGroups {
  /** Those that have to do with a workspace folder. */
  readonly workspace: readonly ListedProcess[];
  readonly others: readonly ListedProcess[];
}

/** A process with all that it started. */
interface Tree {
  readonly process: PythonProcess;
  readonly children: readonly Tree[];
  /** Of all of them, this one included. */
  readonly size: number;
  /** Percent of one CPU, of the busiest of them. */
  readonly cpuPercent: number;
}

/** Own processes before those of others, programs before tools, trees with busy processes before idle ones, young before old. */
export function groupProcesses(processes: readonly PythonProcess[], folders: readonly string[]): ProcessGroups {
  const trees = treesOf(processes);
  const isInWorkspace = ({ process, children }: Tree): boolean =>
    (!isTool(process) && folders.some((folder) => belongsTo(process, folder))) || children.some(isInWorkspace);
  const list = (some: readonly Tree[]): ListedProcess[] => some.flatMap((tree) => listed(tree, 0));
  return { workspace: list(trees.filter(isInWorkspace)), others: list(trees.filter((tree) => !isInWorkspace(tree))) };
}

/** Sorted. What a tool started, a debugger say, is a tree of its own: it is what one wants to profile. */
function treesOf(processes: readonly PythonProcess[]): readonly Tree[] {
  const byPid = new Map(processes.map((process) => [process.pid, process]));
  const children = new Map<number, PythonProcess[]>();
  const roots: PythonProcess[] = [];
  for (const process of processes) {
    const parent = byPid.get(process.parentPid);
    // The list is not made at one moment: a parent that is younger is another process with its number.
    if (parent === undefined || isTool(parent) || parent.startedAt > process.startedAt || parent === process) roots.push(process);
    else children.set(parent.pid, [...(children.get(parent.pid) ?? []), process]);
  }
  const seen = new Set<number>();
  const treeOf = (process: PythonProcess): Tree => {
    seen.add(process.pid);
    const below = (children.get(process.pid) ?? [])
      .filter(({ pid }) => !seen.has(pid))
      .map(treeOf)
      .sort(byLikelihood);
    return {
      process,
      children: below,
      size: below.reduce((sum, { size }) => sum + size, 1),
      cpuPercent: below.reduce((most, { cpuPercent }) => Math.max(most, cpuPercent), process.cpuPercent),
    };
  };
  const trees = roots.map(treeOf);
  // Each other's children, as far as the list says: they began in the same instant.
  for (const process of processes) if (!seen.has(process.pid)) trees.push(treeOf(process));
  return trees.sort(byLikelihood);
}

function byLikelihood(a: Tree, b: Tree): number {
  return (
    Number(b.process.isOwn) - Number(a.process.isOwn) ||
    Number(isTool(a.process)) - Number(isTool(b.process)) ||
    Math.round(b.cpuPercent) - Math.round(a.cpuPercent) ||
    b.process.startedAt - a.process.startedAt ||
    b.process.pid - a.process.pid
  );
}

function listed({ process, children, size }: Tree, depth: number): ListedProcess[] {
  return [{ process, depth, descendants: size - 1 }, ...children.flatMap((child) => listed(child, depth + 1))];
}

function belongsTo(process: PythonProcess, folder: string): boolean {
  const { workingDirectory, executable } = process;
  const root = folder.endsWith(sep) ? folder : folder + sep;
  return [workingDirectory === null ? '' : workingDirectory + sep, scriptPath(process) ?? '', executable].some((path) =>
    path.startsWith(root),
  );
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
