import type { PythonProcess } from '../../native/index.ts';

/** Tells which of the processes are a process itself or descend from it, as far as the list shows who started whom. */
export function descendantsOf(root: number, processes: readonly PythonProcess[]): (process: PythonProcess) => boolean {
  const parents = new Map(processes.map(({ pid, parentPid }) => [pid, parentPid]));
  return ({ pid }) => {
    const seen = new Set<number>();
    for (let at: number | undefined = pid; at !== undefined && !seen.has(at); at = parents.get(at)) {
      if (at === root) return true;
      seen.add(at);
    }
    return false;
  };
}
