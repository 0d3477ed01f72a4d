import type { Command } from 'commander';
import type { Given } from './command.ts';
import type { SamplingOptions } from './recordOptions.ts';
import { parsePercent, UsageError } from './values.ts';

/** The program that a command is to start: behind `--`, or as py-spy takes it too: whatever is no option. @throws UsageError */
export function programOf({ operands, behind = [] }: Given): [string, ...string[]] | undefined {
  if (operands.length > 0 && behind.length > 0) throw new UsageError(`unexpected argument '${operands[0]!}': the program comes after --`);
  const [first, ...others] = operands.length > 0 ? operands : behind;
  return first === undefined ? undefined : [first, ...others];
}

/** How much of a program's time looks may take. */
export function addStopOptions(command: Command): Command {
  return command
    .option(
      '--nonblocking, --never-stop',
      'take nothing of its time: it is read as it runs, from other cores, and shares of functions that take less than a few microseconds may be off',
    )
    .option('-b, --blocking', 'take up to 10 % of its time, if that is what as many looks take as --rate says')
    .option(
      '--max-stop <percent>',
      'share of a program’s time that looks may take, 0 to 50 (default: 1): there are fewer than --rate says where they would take more',
    );
}

/** @throws UsageError */
export function parseStops(given: Given): Pick<SamplingOptions, 'blocking' | 'maxStopped'> {
  const [blocking, neverStop, maxStop] = [
    given.flag('blocking'),
    given.flag('neverStop') || given.flag('nonblocking'),
    given.text('maxStop'),
  ];
  if (blocking && neverStop) throw new UsageError('--blocking makes no sense with --never-stop');
  if (neverStop && maxStop !== undefined) throw new UsageError('--max-stop makes no sense with --never-stop');
  if (neverStop) return { blocking, maxStopped: 0 };
  const percent = given.value('maxStop', (text) => parsePercent(text, 50));
  if (percent === undefined) return { blocking };
  if (blocking && percent === 0) throw new UsageError('--blocking makes no sense with --max-stop 0');
  return { blocking, maxStopped: percent / 100 };
}
