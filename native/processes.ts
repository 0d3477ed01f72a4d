import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import { isPythonName, parseCommandLine } from './cpython/commandLine.ts';
import type { AccessObstacle } from './engine.ts';
import { findInterpreterFile, type InterpreterFile } from './cpython/locate.ts';
import { versionInPaths } from './cpython/version.ts';
import { openSystem } from './os/index.ts';
import { type Execution, sameExecution, type System } from './os/system.ts';
import { TargetError } from './targetError.ts';

/** A running Python, as a list of processes shows it. */
export interface PythonProcess {
  readonly pid: number;
  readonly parentPid: number;
  /** The script's or module's name, else the executable's. */
  readonly name: string;
  /** The script's path as it was given or "-m module"; null for -c, standard input and the prompt. */
  readonly script: string | null;
  readonly commandLine: readonly string[];
  /** Path of the executable; where the system hides it, how the command line calls it. */
  readonly executable: string;
  readonly workingDirectory: string | null;
  /** For instance "3.12.1" or "3.14.0rc2"; only "3.12" where the file's name is all we may see. */
  readonly version: string | null;
  readonly user: string | null;
  /** It runs as the user we run as. */
  readonly isOwn: boolean;
  /** CPU use while the list was made (100 ms), percent of one CPU. */
  readonly cpuPercent: number;
  /** ms since 1970 */
  readonly startedAt: number;
}

/** CPU use is measured over at least this long, ms: what the list takes anyway counts. */
const measuringTime = 100;
/** Other work of the thread gets its turn this often, ms. */
const longestStretch = 10;

/** What processes turned out to be, so that the next list looks only at new ones. */
let known = new Map<number, { readonly execution: Execution; readonly interpreter: InterpreterFile | null }>();

/**
 * All running Pythons except ourselves, whatever their executables are called. Takes `measuringTime`,
 * or about 0.3 ms a process where that is more. Processes that end meanwhile are left out.
 */
export async function listPythonProcesses(): Promise<PythonProcess[]> {
  const system = await openSystem();
  const pids = system.processIds().filter((pid) => pid !== process.pid);
  // Of all of them and first, so that the time it takes to tell which are Pythons counts.
  const cpuBefore = pids.map((pid) => system.processCpu(pid));
  const start = performance.now();
  const found: { readonly pid: number; readonly interpreter: InterpreterFile; readonly cpu: number }[] = [];
  const still = new Map<number, { readonly execution: Execution; readonly interpreter: InterpreterFile | null }>();
  const seen = new Map<string, InterpreterFile | null>();
  let stretch = start;
  for (const [index, pid] of pids.entries()) {
    const execution = system.execution(pid);
    if (!execution) continue;
    const before = known.get(pid);
    const interpreter = before && sameExecution(before.execution, execution) ? before.interpreter : identify(system, pid, execution, seen);
    still.set(pid, { execution, interpreter });
    if (interpreter) found.push({ pid, interpreter, cpu: cpuBefore[index]! });
    if (performance.now() - stretch > longestStretch) {
      await nextTurn();
      stretch = performance.now();
    }
  }
  known = still;
  if (found.length > 0) await delay(Math.max(0, start + measuringTime - performance.now()));
  const processes: PythonProcess[] = [];
  for (const { pid, interpreter, cpu } of found) {
    const used = system.processCpu(pid) - cpu;
    const elapsed = performance.now() - start;
    const process = describe(system, pid, interpreter, Math.max(0, used / 10 / elapsed));
    if (process) processes.push(process);
  }
  return processes;
}

/**
 * What stands between us and a process's memory, found out by trying to read it; null: nothing. Reads nothing of it.
 * @returns 'gone' for a process that there is not (any more)
 */
export async function readObstacle(pid: number): Promise<AccessObstacle | 'gone' | null> {
  try {
    (await openSystem()).openMemory(pid).close();
    return null;
  } catch (error) {
    if (!(error instanceof TargetError)) throw error;
    return error.failure.code === 'permission-denied' ? error.failure.reason : 'gone';
  }
}

/** Null: not a Python. */
function identify(system: System, pid: number, execution: Execution, seen: Map<string, InterpreterFile | null>): InterpreterFile | null {
  if (execution.executable !== null) {
    try {
      return findInterpreterFile(system, pid, seen);
    } catch (error) {
      if (!(error instanceof TargetError)) throw error;
      if (error.failure.code !== 'permission-denied') return null;
    }
  }
  // Another user's, whose files we can't see: go by the names it shows.
  const facts = system.processFacts(pid);
  const command = facts?.commandLine[0];
  const name = execution.executable ?? command;
  if (!facts || name === undefined || !(isPythonName(name) || isPythonName(facts.name))) return null;
  return { version: versionInPaths([name, facts.name]) };
}

function describe(system: System, pid: number, interpreter: InterpreterFile, cpuPercent: number): PythonProcess | null {
  const facts = system.processFacts(pid);
  if (!facts) return null;
  const { name, script } = parseCommandLine(facts.commandLine, facts.executable);
  return {
    pid,
    parentPid: facts.parentPid,
    name: name === '' ? facts.name : name,
    script,
    commandLine: facts.commandLine,
    executable: facts.executable ?? facts.commandLine[0] ?? facts.name,
    workingDirectory: facts.workingDirectory,
    version: interpreter.version,
    user: facts.user,
    isOwn: facts.isOwn,
    cpuPercent,
    startedAt: facts.startedAt,
  };
}
