import type { AccessObstacle, PythonProcess } from '../native/index.ts';
import { hasColors, styled } from './color.ts';
import { printable } from './taskText.ts';

export interface ListedProcess extends PythonProcess {
  /** What stands between us and its memory; null: nothing. */
  readonly obstacle: AccessObstacle | null;
}

const obstacles: Record<AccessObstacle, string> = {
  'other-user': 'no: another user’s',
  'ptrace-scope': 'no: ptrace_scope is 1',
  'ptrace-scope-root': 'no: ptrace_scope is 2',
  'ptrace-scope-nobody': 'no: ptrace_scope is 3',
  'not-dumpable': 'no: it is shielded',
  'missing-capability': 'no: no SYS_PTRACE',
  'hidden': 'no: /proc hides it',
  'even-root': 'no: it is forbidden',
  'unknown': 'no',
};

/** A table for people, a line for each process, with what it runs last. */
export function listText(processes: readonly ListedProcess[]): string {
  const rows = [
    ['PID', 'PYTHON', 'USER', 'CPU', 'READABLE', 'COMMAND'],
    ...processes.map(({ pid, version, user, cpuPercent, obstacle, commandLine, name }) => [
      String(pid),
      version ?? '?',
      user ?? '?',
      `${cpuPercent.toFixed(0)} %`,
      obstacle === null ? 'yes' : obstacles[obstacle],
      commandLine.length === 0 ? name : commandLine.join(' '),
    ]),
  ].map((row) => row.map(printable));
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const isNumber = (column: number): boolean => column === 0 || column === 3;
  const lines = rows.map((row) =>
    row
      .map((text, column) =>
        isNumber(column) ? text.padStart(widths[column]!) : column === row.length - 1 ? text : text.padEnd(widths[column]!),
      )
      .join('  '),
  );
  if (hasColors(1)) lines[0] = styled('bold', lines[0]!, 1);
  return `${lines.join('\n')}\n${processes.length === 0 ? 'There are none that you can see.\n' : ''}`;
}

/** For programs. */
export function listRecord(listed: ListedProcess): Record<string, unknown> {
  const { pid, parentPid, name, script, commandLine, executable, workingDirectory, version, user, cpuPercent, startedAt, obstacle } =
    listed;
  return {
    pid,
    parentPid,
    name,
    script,
    commandLine,
    executable,
    workingDirectory,
    version,
    user,
    cpuPercent: Number(cpuPercent.toFixed(1)),
    startedAt: new Date(startedAt).toISOString(),
    readable: obstacle === null,
    obstacle,
  };
}
