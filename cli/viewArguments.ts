import type { Command } from 'commander';
import type { Given } from './command.ts';
import type { View } from './recordOptions.ts';

/** What of a recording is written, where that is asked when it is there (`--gil` leaves samples out as they come). */
export function addViewOptions(command: Command): Command {
  return command
    .option('-F, --function', 'tell functions apart, not lines: each has its first line')
    .option('--nolineno', 'show no line numbers')
    .option('-t, --threads', 'show threads, as frames below their stacks')
    .option('-i, --idle', 'show threads that wait, too; firefox always has them, marked as such')
    .option('--full-filenames', 'show whole file names, where they are shortened to the part in their package (raw)');
}

export function parseView(given: Given): View {
  return {
    lines: given.flag('nolineno') ? 'none' : given.flag('function') ? 'first' : 'current',
    threads: given.flag('threads'),
    gil: given.flag('gil'),
    idle: given.flag('idle'),
    fullFilenames: given.flag('fullFilenames'),
  };
}
