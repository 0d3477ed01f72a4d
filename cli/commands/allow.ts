import { executeAllowing } from '../../native/index.ts';
import { commandOf } from '../command.ts';
import { say } from '../say.ts';
import { parsePid, UsageError } from '../values.ts';

/** Executes a program in our place, which one process more may read. */
interface AllowCommand {
  readonly name: 'allow';
  readonly pid: number;
  readonly program: readonly [string, ...string[]];
}

const ENOENT = 2;

export const allowCommand = commandOf<AllowCommand>({
  name: 'allow',
  summary: 'start a program that one process more may read',
  description:
    'Executes a program in its own place, after it has allowed another process to read it where only parents may (kernel.yama.ptrace_scope is 1).',
  usage: ['PID -- PROGRAM [ARGUMENTS]'],
  examples: [['heatline allow 1234 -- python app.py', 'process 1234 may read it']],
  hidden: true,
  configure: () => undefined,
  parse: ({ operands, behind = [] }) => {
    const [pid = '', ...others] = operands;
    const [first, ...rest] = others.length > 0 ? [] : behind;
    if (first === undefined) throw new UsageError('allow needs a process and a program: heatline allow PID -- python app.py');
    return { name: 'allow', pid: parsePid(pid), program: [first, ...rest] };
  },
  execute: allow,
});

/** Becomes the program, or returns the exit code that shells give when that is not possible. */
function allow({ pid, program }: AllowCommand): number {
  try {
    executeAllowing(pid, program);
  } catch (error) {
    return say(
      `heatline: ${error instanceof Error ? error.message : String(error)}`,
      error instanceof Error && 'errno' in error && error.errno === ENOENT ? 127 : 126,
    );
  }
}
