#!/usr/bin/env node
import { type Command, parseArguments, parseRunVariable, UsageError, usage } from './arguments.ts';
import { runVariable } from '../native/index.ts';
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
    command = parseArguments(givenArguments());
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

/** An editor's terminal shows our command line when a program fails: what is ours alone in it comes by the environment. */
function givenArguments(): readonly string[] {
  const args = process.argv.slice(2);
  const given = process.env[runVariable];
  if (given === undefined) return args;
  delete process.env['HEATLINE_RUN']; // runVariable: the program is not to see it
  return ['run', ...parseRunVariable(given), '--', ...args];
}

// It says that this executable, which is an editor, is to run a script. Programs that we start or become are no part of that.
if (process.versions['electron'] !== undefined) delete process.env['ELECTRON_RUN_AS_NODE'];

process.exitCode = await main();
