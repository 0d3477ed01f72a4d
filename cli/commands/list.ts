import { listPythonProcesses, readObstacle } from '../../native/index.ts';
import { commandOf } from '../command.ts';
import { type ListedProcess, listRecord, listText } from '../listText.ts';
import { print } from '../say.ts';
import { UsageError } from '../values.ts';
import { printable } from '../taskText.ts';

interface ListCommand {
  readonly name: 'list';
  readonly form: 'text' | 'json' | 'pids';
}

export const listCommand = commandOf<ListCommand>({
  name: 'list',
  summary: 'show the Python processes there are',
  description: 'Shows all running Python processes, whatever their executables are called, and whether you may read them.',
  usage: ['[options]'],
  examples: [
    ['heatline list', 'a table'],
    ["heatline list --json | jq '.[] | select(.readable) | .pid'", 'those that can be recorded'],
    ['heatline record -p "$(heatline list --pids | grep worker | head -1 | cut -f1)"', 'the first one that is called so'],
  ],
  configure: (command) =>
    command.option('-j, --json', 'for programs to read').option('--pids', 'a line for each with its process id, a tabulator, and its name'),
  parse: (given) => {
    given.refuseOperands();
    if (given.flag('json') && given.flag('pids')) throw new UsageError('--json makes no sense with --pids');
    return { name: 'list', form: given.flag('json') ? 'json' : given.flag('pids') ? 'pids' : 'text' };
  },
  tellsLeft: ({ form }) => (form === 'pids' ? 'never' : 'after'),
  execute: list,
});

async function list({ form }: ListCommand): Promise<number> {
  const processes = (await listPythonProcesses()).sort((a, b) => a.pid - b.pid);
  if (form === 'pids') return print(processes.map(({ pid, name }) => `${pid}\t${printable(name)}\n`).join(''));
  const listed: ListedProcess[] = [];
  for (const process of processes) {
    const obstacle = await readObstacle(process.pid);
    if (obstacle !== 'gone') listed.push({ ...process, obstacle });
  }
  return print(form === 'json' ? `${JSON.stringify(listed.map(listRecord), null, 2)}\n` : listText(listed));
}
