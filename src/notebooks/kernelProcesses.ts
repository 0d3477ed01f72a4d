import { isAbsolute, relative, sep } from 'node:path';
import type { PythonProcess } from '../../native/index.ts';
import { descendantsOf } from '../picker/descendants.ts';

/** What is known of a notebook whose kernel is looked for. */
export interface KernelSearch {
  /** The process that runs extensions: what it started is most likely VS Code's. */
  readonly hostPid: number;
  /** Where kernels of the notebook are started: its folder, else the workspace's; the likelier first. */
  readonly folders: readonly string[];
}

/** Kernels to choose from, the likeliest in front. */
export interface FoundKernels {
  readonly kernels: readonly PythonProcess[];
  /** There is nothing to choose: it is the only one that fits. */
  readonly isSure: boolean;
}

/**
 * Whether a process is a Jupyter kernel for Python. They are started as `python -m ipykernel_launcher -f kernel-ID.json` by
 * Jupyter, with `--f=kernel-ID.json` by VS Code's extension, as `xpython -f …` for xeus-python; kernelspecs may say it in other words,
 * but always name a connection file.
 */
export function isKernel({ commandLine, isOwn }: Pick<PythonProcess, 'commandLine' | 'isOwn'>): boolean {
  if (!isOwn) return false;
  const words = commandLine.slice(1);
  const hasLauncher = words.some((word) =>
    /(?:^|[\\/])(?:ipykernel(?:_launcher)?|colab_kernel_launcher)(?:\.py|[\\/]__main__\.py)?$/.test(word),
  );
  const hasFile = words.some(
    (word, i) =>
      /^(?:-f|--f|--connection-file)=?.*\.json$/.test(word) ||
      (/^(?:-f|--f|--connection-file)$/.test(word) && words[i + 1]?.endsWith('.json') === true),
  );
  return hasFile && (hasLauncher || (commandLine[0] ?? '').includes('xpython') || words.some((word) => word.includes('kernel')));
}

/** The processes that may be a notebook's kernel, if nobody says which it is. */
export function findKernels(processes: readonly PythonProcess[], { hostPid, folders }: KernelSearch): FoundKernels {
  const isOurs = descendantsOf(hostPid, processes);
  const score = (kernel: PythonProcess): number =>
    (isOurs(kernel) ? 4 : 0) +
    (kernel.workingDirectory === folders[0] ? 2 : folders.some((folder) => isIn(kernel.workingDirectory, folder)) ? 1 : 0);
  const scored = processes
    .filter(isKernel)
    .map((kernel) => ({ kernel, score: score(kernel) }))
    .sort((a, b) => b.score - a.score || b.kernel.startedAt - a.kernel.startedAt || b.kernel.pid - a.kernel.pid);
  const best = scored[0]?.score ?? 0;
  return { kernels: scored.map(({ kernel }) => kernel), isSure: best > 0 && scored.filter((one) => one.score === best).length === 1 };
}

function isIn(path: string | null, folder: string): boolean {
  if (path === null) return false;
  const way = relative(folder, path);
  return way === '' || (!isAbsolute(way) && way !== '..' && !way.startsWith(`..${sep}`));
}
