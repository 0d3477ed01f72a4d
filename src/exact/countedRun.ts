import type { FileRun } from '../launch/runOptions.ts';

/** What counts: the interpreter's own cProfile, each call; or line_profiler, where it is installed, each line of the script. */
export type Counter = 'cProfile' | 'line_profiler';

/** The arguments for Python that run something and write what was counted to a file. */
export function countedArguments({ args }: Pick<FileRun, 'args'>, counter: Counter, output: string): string[] {
  if (counter === 'cProfile') return ['-m', 'cProfile', '-o', output, ...args];
  const isModule = args[0] === '-m';
  const [program] = isModule ? args.slice(1) : args;
  // All functions of the script, which need no decorator then (line_profiler 4.1 and newer).
  return ['-m', 'kernprof', '--line-by-line', '--prof-mod', program!, '--outfile', output, ...args];
}

/** A name for the file, by which its profile is called: "app-exact-1205.pstats". */
export function countedName(name: string, counter: Counter, now: Date): string {
  const safe = name
    .replace(/\.pyw?$/, '')
    .replaceAll(/[^\p{L}\p{N}._-]+/gu, '-')
    .replace(/^[.-]+/, '')
    .slice(0, 80);
  const digits = (value: number): string => String(value).padStart(2, '0');
  const time = [now.getHours(), now.getMinutes(), now.getSeconds()].map(digits).join('');
  return `${safe === '' ? 'program' : safe}-exact-${time}.${counter === 'cProfile' ? 'pstats' : 'lprof'}`;
}
