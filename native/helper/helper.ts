import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { deferred } from '../deferred.ts';
import { type EngineStart, startEngineThread } from '../engineThread.ts';
import type { Engine, EngineFailure } from '../engine.ts';
import { prepareLook } from '../look.ts';
import type { Grant } from '../os/elevation.ts';
import { openSystem, platform } from '../os/index.ts';
import type { Pipes } from '../os/pipes.ts';
import type { Platform } from '../os/platform.ts';
import { failureOf, TargetError } from '../targetError.ts';
import { serveGrants } from './broker.ts';
import { MessageWriter, obeyCommands } from './channel.ts';
import { samplingOptions } from '../samplingOptions.ts';
import { helperArguments, type HelperLook, type HelperOptions, nodeEnvironment } from './commandLine.ts';
import { type HelperMessage, protocolVersion } from './messages.ts';
import { MessageError } from './parse.ts';

/** How the helper ends. */
export const HelperExit = {
  Done: 0,
  /** The target can't be read; the reason was sent. */
  Failed: 1,
  /** It was called in a way that does not work; standard error says why. */
  Refused: 2,
  /** Standard input had something that is not a command. */
  WrongCommand: 3,
  /** Whoever started it is gone. */
  Abandoned: 4,
} as const;

/** The helper can't or won't begin; the message says why. */
export class HelperRefusal extends Error {
  override name = 'HelperRefusal';
}

/**
 * Opens one process as root, then samples it or looks at its tasks, greenlets or threads once as nobody. Root is given up before a byte of
 * the target is looked at; docs/permissions.md says what this process may do at which time. Results go to standard output,
 * commands come from standard input, both of them pipes; the helper ends when standard input does.
 * @returns the exit code
 * @throws HelperRefusal
 */
export async function runHelper(options: HelperOptions | HelperLook): Promise<number> {
  const { elevation, pipes } = checkSurroundings();
  const [input, out] = [pipe(pipes, 0), pipe(pipes, 1)];
  process.chdir('/');
  process.umask(0o077);
  // Node would start its debugger, which listens.
  process.on('SIGUSR1', () => undefined);
  await openSystem(); // loads what giving up rights calls
  if ('subprocesses' in options && options.subprocesses && options.broker === undefined) return runBroker(options);

  const { promise: ended, resolve: end } = deferred<number>();
  const output = new MessageWriter(out, () => end(HelperExit.Abandoned));
  const emit = (message: HelperMessage): void => {
    output.write(message);
    const isLast = message.type === 'ended' || message.type === 'looked' || message.type === 'failed';
    if (isLast) void output.end().then(() => end(message.type === 'failed' ? HelperExit.Failed : HelperExit.Done));
  };
  const work = 'look' in options ? startLook(options, emit) : startSampling(options, emit);
  await work.loaded;

  const grant = grantOf(options);
  try {
    elevation.giveUp();
  } catch (error) {
    throw new HelperRefusal(error instanceof Error ? error.message : String(error));
  }

  output.write({ type: 'ready', protocol: protocolVersion, pid: process.pid });
  if ('code' in grant) {
    emit({ type: 'failed', failure: grant });
  } else {
    obeyCommands(
      input,
      work,
      () => end(HelperExit.Abandoned),
      () => end(HelperExit.WrongCommand),
    );
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => work.stop());
    work.begin({ grant, broker: 'broker' in options ? (options.broker ?? null) : null });
  }
  return ended;
}

/** What a helper does once it has its grant. */
interface Work extends Engine {
  readonly loaded: Promise<undefined>;
  begin(start: EngineStart): void;
}

function startSampling(options: HelperOptions, emit: (message: HelperMessage) => void): Work {
  return startEngineThread({ pid: options.pid, ...samplingOptions(options) }, true, emit);
}

function startLook({ pid, look: kind, locals, neverStop }: HelperLook, emit: (message: HelperMessage) => void): Work {
  const look = prepareLook(kind, { locals: locals === true ? 'short' : 'none', neverStop: neverStop === true, tasks: true });
  look.result.then(
    (snapshot) => {
      try {
        emit({ type: 'looked', kind, snapshot } as HelperMessage); // of this kind
      } catch (error) {
        if (!(error instanceof MessageError)) throw error;
        emit({ type: 'failed', failure: { code: 'unreadable', pid, detail: `there are too many ${kind}` } });
      }
    },
    (error: unknown) =>
      emit(error instanceof LookStopped ? { type: 'ended', reason: 'stopped' } : { type: 'failed', failure: failureOf(error) }),
  );
  return {
    loaded: look.loaded,
    begin: (start) => look.begin(start),
    pause: () => undefined,
    resume: () => undefined,
    stop: () => look.end(new LookStopped()),
  };
}

/** The look was stopped because someone asked for that. */
class LookStopped extends Error {}

/**
 * For a process tree: a second process does everything described at runHelper, and this one only opens processes for it.
 * @returns the other's exit code
 */
async function runBroker(options: HelperOptions): Promise<number> {
  const [ours, theirs] = platform().elevation.parcels.makeSocketPair();
  const child = spawn(process.execPath, [process.argv[1]!, 'helper', ...helperArguments({ ...options, broker: 3 })], {
    cwd: '/',
    env: nodeEnvironment(),
    stdio: ['inherit', 'inherit', 'inherit', theirs],
  });
  const exit = once(child, 'exit') as Promise<[number | null]>;
  fs.closeSync(theirs);
  serveGrants(ours, options);
  const [code] = await exit;
  return code ?? HelperExit.Failed;
}

function grantOf({ pid, startTime }: HelperOptions | HelperLook): Grant | EngineFailure {
  try {
    return platform().elevation.grants.open(pid, startTime);
  } catch (error) {
    if (error instanceof TargetError) return error.failure;
    throw error;
  }
}

/** Variables by which Node, the loader or OpenSSL run someone else's code before a program's first line. */
const dangerous = /^(NODE_|ELECTRON_(?!RUN_AS_NODE$)|LD_|UV_|GLIBC_|MALLOC_|OPENSSL_|SSL_|PYTHON|BASH_|ENV$|IFS$)/;

/** @returns what the system offers. @throws HelperRefusal */
function checkSurroundings(): Platform {
  let here: Platform;
  try {
    here = platform();
  } catch (error) {
    if (!(error instanceof TargetError)) throw error;
    throw new HelperRefusal(`there is no helper for ${process.platform} ${process.arch}`);
  }
  if (!here.elevation.isElevated())
    throw new HelperRefusal('it gives up the rights of root, and does not have them: run it by sudo or pkexec');
  const found = Object.keys(process.env).filter((name) => dangerous.test(name));
  if (found.length > 0) throw new HelperRefusal(`it does not run as root with ${found.join(', ')} in its environment`);
  if (process.execArgv.length > 0) throw new HelperRefusal(`it does not run as root with ${process.execArgv.join(' ')}`);
  for (const name of Object.keys(process.env)) Reflect.deleteProperty(process.env, name);
  return here;
}

/** @throws HelperRefusal unless it is a pipe or a socket */
function pipe(pipes: Pipes, fd: number): number {
  if (!pipes.isPipe(fd))
    throw new HelperRefusal(`its standard ${fd === 0 ? 'input' : 'output'} is no pipe: only Heatline itself can use it`);
  return fd;
}
