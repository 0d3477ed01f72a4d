import { commandOf } from '../command.ts';
import { convert, type ConvertCommand } from '../convert.ts';
import { formatOfFile, parseFormat } from '../formats.ts';
import { UsageError } from '../values.ts';

export const convertCommand = commandOf<ConvertCommand>({
  name: 'convert',
  summary: 'make one format of a profile into another',
  description:
    'Reads a profile in any format that Heatline reads (its own, py-spy’s, speedscope’s, V8’s, collapsed stacks) and writes it in another. What that one can’t hold is said.',
  usage: ['IN OUT [-f FORMAT]', 'IN -o OUT [-f FORMAT]'],
  examples: [
    ['heatline convert app.heatline.json.gz app.svg', 'a flame graph for browsers'],
    ['heatline convert pyspy.raw app.speedscope.json', 'what py-spy wrote'],
    ['heatline convert app.heatline.json.gz - -f raw | less', 'to standard output'],
  ],
  configure: (command) => {
    command
      .option('-f, --format <format>', 'of what is written (default: by its name)')
      .option('-o, --output <file>', 'what to write, where it is not named behind what to read');
  },
  parse: (given) => {
    const named = given.text('output');
    const [input, output, ...others] = [...given.operands, ...(given.behind ?? []), ...(named === undefined ? [] : [named])];
    if (input === undefined || output === undefined) throw new UsageError('convert needs two files: what to read, and what to write');
    if (others[0] !== undefined) throw new UsageError(`unexpected argument '${others[0]}'`);
    const format = given.value('format', parseFormat) ?? (output === '-' ? undefined : formatOfFile(output));
    if (format === undefined) throw new UsageError(`no format is known by the name ${output}. Say which: -f FORMAT`);
    return { input, output, format };
  },
  tellsLeft: () => 'after',
  execute: (command) => convert(command),
});
