#!/usr/bin/env node
import { type Command, parseArguments, UsageError, usage } from './arguments.ts';
import { allow } from './allow.ts';
import { elevate } from './elevate.ts';
import { helper } from './helper.ts';
import { record } from './record.ts';
import { run } from './run.ts';
import { print, say } from './say.ts';
import { tasks } from './tasks.ts';

/** The whole of the usage would push the message out of sight. */
const hint = 'heatline --help says how it is used.';

async function main(): Promise<number> {
  let command: Command;
  try {
    command = parseArguments(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return say(`heatline: ${error.message}\n${hint}`, 2);
  }
  switch (command.name) {
    case 'help':
      return print(usage);
    case 'record':
      return record(command);
    case 'run':
      return run(command);
    case 'tasks':
    case 'greenlets':
      return tasks(command);
    case 'allow':
      return allow(command);
    case 'helper':
      return helper(command.options);
    case 'elevate':
      return elevate(command);
  }
}

// It says that this executable, which is an editor, is to run a script. Programs that we start or become are no part of that.
if (process.versions['electron'] !== undefined) delete process.env['ELECTRON_RUN_AS_NODE'];

process.exitCode = await main();
