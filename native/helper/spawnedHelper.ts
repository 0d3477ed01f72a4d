import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { platform } from '../os/index.ts';
import type { HelperConnection, HelperEnd } from './client.ts';

/** How many bytes of standard error are kept. */
const maxSaid = 4096;

/** Starts a command that becomes a helper, by pkexec or sudo, and talks to it over pipes. */
export function spawnHelper(command: readonly string[]): HelperConnection {
  const [program, ...args] = command;
  const child = spawn(program!, args, {
    cwd: '/',
    env: platform().elevation.askingEnvironment(process.env),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const { stdin, stdout, stderr } = child;
  let said = '';
  stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-maxSaid)));
  stdin.on('error', () => undefined); // it is gone, and the end of stdout says so
  stderr.on('error', () => undefined);
  const ended = endedOf(child, () => said);
  return {
    messages: stdout,
    send(command) {
      if (stdin.writable) stdin.write(Uint8Array.of(command));
    },
    whyEnded: () => ended,
    close() {
      // A helper that runs as someone else can't be killed, but ends with its standard input.
      stdin.destroy();
      stdout.destroy();
      child.kill();
      child.unref();
    },
  };
}

async function endedOf(child: ChildProcess, said: () => string): Promise<HelperEnd> {
  try {
    const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
    const [reason, detail] = platform().elevation.endOf(code, signal, lastLine(said()));
    return { reason, detail };
  } catch (error) {
    return { reason: 'unavailable', detail: error instanceof Error ? error.message : String(error) };
  }
}

function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1)?.trim() ?? '';
}
