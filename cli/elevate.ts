import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { helperCommand, MessageWriter, openPipe, PipeError, sudoPath, unsafeFile } from '../native/index.ts';
import type { ElevateCommand } from './helperArguments.ts';
import { say } from './say.ts';

/**
 * Runs the helper by sudo, which asks for the password in this terminal: nobody else sees it. The helper talks to the
 * editor through two named pipes.
 */
export async function elevate({ options, events, commands }: ElevateCommand): Promise<number> {
  const sudo = sudoPath();
  let output: number;
  let input: number;
  try {
    output = openPipe(events, 'write');
    input = openPipe(commands, 'read');
  } catch (error) {
    if (!(error instanceof PipeError)) throw error;
    return say(`heatline: ${error.message}`, 2);
  }
  // An end of its own: what the helper writes and what we write must not share a stream's state.
  const writer = new MessageWriter(openPipe(events, 'write'), () => undefined);
  writer.write({ type: 'asking' });
  const unsafe = unsafeFile(process.argv[1]!);
  if (sudo === null || unsafe !== null) {
    const why =
      unsafe === null ? ({ reason: 'unavailable', detail: 'there is no sudo' } as const) : ({ reason: 'unsafe', detail: unsafe } as const);
    writer.write({ type: 'failed', failure: { code: 'not-elevated', pid: options.pid, ...why } });
    await writer.end();
    return 1;
  }
  say(
    `Heatline asks sudo for the right to read process ${options.pid}. The helper that it starts opens that process's\n` +
      `memory as root, gives root up, and only then looks at it. It ends with the profile.\n`,
  );
  // Ctrl-C is for sudo and the helper.
  process.on('SIGINT', () => undefined);
  const child = spawn(sudo, ['--', ...helperCommand(process.argv[1]!, options)], { cwd: '/', stdio: [input, output, 'inherit'] });
  fs.closeSync(input);
  fs.closeSync(output);
  let exit: { readonly code: number | null; readonly signal: string | null };
  try {
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    exit = { code, signal };
  } catch (error) {
    say(`heatline: ${error instanceof Error ? error.message : String(error)}`);
    exit = { code: 127, signal: null };
  }
  writer.write({ type: 'left', ...exit });
  await writer.end();
  return exit.code ?? 1;
}
