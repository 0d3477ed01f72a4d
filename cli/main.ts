#!/usr/bin/env node
import { type Command, parseArguments, UsageError, usage } from './arguments.ts';
import { allow } from './allow.ts';
import { elevate } from './elevate.ts';
import { helper } from './helper.ts';
import { record } from './record.ts';
import { run } from './run.ts';

async function main(): Promise<number> {
  let command: Command;
  try {
    command = parseArguments(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`heatline: ${error.message}\n\n${usage}`);
    return 2;
  }
  switch (command.name) {
    case 'help':
      process.stdout.write(usage);
      return 0;
    case 'record':
      return record(command);
    case 'run':
      return run(command);
    case 'allow':
      return allow(command);
    case 'helper':
      return helper(command.options);
    case 'elevate':
      return elevate(command);
  }
}

process.exitCode = await main();
