#!/usr/bin/env node
import { runVariable } from '../native/index.ts';
import type { Understood } from './command.ts';
import { hintFor, parseArguments, parseRunVariable, UsageError } from './commandLine.ts';
import { say } from './say.ts';

async function main(): Promise<number> {
  let args: readonly string[] = [];
  let understood: Understood;
  try {
    args = givenArguments();
    understood = parseArguments(args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return say(`heatline: ${error.message}\n${hintFor(args)}`, 2);
  }
  return understood.execute();
}

/** An editor's terminal shows our command line when a program fails: what is ours alone in it comes by the environment. */
function givenArguments(): readonly string[] {
  const args = process.argv.slice(2);
  const given = process.env[runVariable];
  if (given === undefined) return args;
  // runVariable and nodeVariable: the program is not to see them.
  delete process.env['HEATLINE_RUN'];
  delete process.env['HEATLINE_NODE'];
  return ['run', ...parseRunVariable(given), '--', ...args];
}

// It says that this executable, which is an editor, is to run a script. Programs that we start or become are no part of that.
if (process.versions['electron'] !== undefined) delete process.env['ELECTRON_RUN_AS_NODE'];

process.exitCode = await main();
