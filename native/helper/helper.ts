import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { deferred } from '../deferred.ts';
import { type EngineStart, startEngineThread } from '../engineThread.ts';
import type { Engine, EngineFailure, LookKind } from '../engine.ts';
import { prepareLook } from '../look.ts';
import { openSystem } from '../os/index.ts';
import { dropPrivileges } from '../os/linux/dropPrivileges.ts';
import { type Grant, openGrant } from '../os/linux/grant.ts';
import { makeSocketPair } from '../os/linux/passFiles.ts';
import { failureOf, TargetError } from '../targetError.ts';
import { serveGrants } from './broker.ts';
import { MessageWriter, obeyCommands } from './channel.ts';
import { givenOptions, helperArguments, type HelperLook, type HelperOptions, nodeEnvironment } from './commandLine.ts';
import { type HelperMessage, protocolVersion } from './frames.ts';
import { FrameError } from './parse.ts';

/** How the helper ends. */
export const HelperExit = {
  Done: 0,
  /** The target can't be read; the reason was sent. */
  Failed: 1,
  /** It was called in a way in which it does not work: said on standard error. */
  Refused: 2,
  /** Something came on standard input that is no command. */
  WrongCommand: 3,
  /** Whoever asked for it is gone. */
  Abandoned: 4,
} as const;

/** The helper can't or won't begin; the message says why. */
export class HelperRefusal extends Error {
  override name = 'HelperRefusal';
}

/**
 * Reads one process as root and samples it, or looks at its tasks or greenlets once, as nobody. Root is given up before a byte of the target is looked at;
 * docs/permissions.md tells what this process may do at which time. What is found goes to standard output, commands
 * from standard input, both pipes; ends when standard input does.
 * @returns the exit code
 * @throws HelperRefusal
 */
export async function runHelper(options: HelperOptions | HelperLook): Promise<number> {
  checkSurroundings();
  const [input, out] = [pipe(0), pipe(1)];
  process.chdir('/');
  process.umask(0o077);
  // Node would start its debugger, which listens.
  process.on('SIGUSR1', () => undefined);
  await openSystem(); // loads what dropPrivileges calls
  if ('subprocesses' in options && options.subprocesses && options.broker === undefined) return runBroker(options);

  const { promise: ended, resolve: end } = deferred<number>();
  const output = new MessageWriter(out, () => end(HelperExit.Abandoned));
  const emit = (message: HelperMessage): void => {
    output.write(message);
    const isLast = message.type === 'ended' || message.type === 'looked' || message.type === 'failed';
    if (isLast) void output.end().then(() => end(message.type === 'failed' ? HelperExit.Failed : HelperExit.Done));
  };
  const work = 'look' in options ? startLook(options.look, emit) : startSampling(options, emit);
  await work.loaded;

  const grant = grantOf(options);
  try {
    dropPrivileges();
  } catch (error) {
    throw new HelperRefusal(error instanceof Error ? error.message : String(error));
  }

  output.write({ type: 'ready', protocol: protocolVersion, pid: process.pid });
  if ('code' in grant) {
    emit({ type: 'failed', failure: grant });
  } else {
    obeyCommands(input, work, () => end(HelperExit.Abandoned), () => end(HelperExit.WrongCommand));
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => work.stop());
    work.begin({ grant, broker: 'broker' in options ? (options.broker ?? null) : null });
  }
  return ended;
}

/** What a helper does, ready to begin. */
interface Work extends Engine {
  readonly loaded: Promise<undefined>;
  begin(start: EngineStart): void;
}

function startSampling(options: HelperOptions, emit: (message: HelperMessage) => void): Work {
  const { pid, rate, subprocesses } = options;
  return startEngineThread({ pid, rate, subprocesses, ...givenOptions(options) }, true, emit);
}

function startLook(kind: LookKind, emit: (message: HelperMessage) => void): Work {
  const look = prepareLook(kind);
  look.result.then(
    (snapshot) => {
      try {
        emit({ type: 'looked', kind, snapshot } as HelperMessage); // of this kind
      } catch (error) {
        if (!(error instanceof FrameError)) throw error;
        emit({ type: 'failed', failure: { code: 'unreadable', pid: snapshot.pid, detail: `there are too many ${kind}` } });
      }
    },
    (error: unknown) => emit(error instanceof LookStopped ? { type: 'ended', reason: 'stopped' } : { type: 'failed', failure: failureOf(error) }),
  );
  return {
    loaded: look.loaded,
    begin: (start) => look.begin(start),
    pause: () => undefined,
    resume: () => undefined,
    stop: () => look.end(new LookStopped()),
  };
}

/** It was told to. */
class LookStopped extends Error {}

/**
 * For a process tree: a second process does all that is described above, and this one only opens what it asks for.
 * @returns the other's exit code
 */
async function runBroker(options: HelperOptions): Promise<number> {
  const [ours, theirs] = makeSocketPair();
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
    return openGrant(pid, startTime);
  } catch (error) {
    if (error instanceof TargetError) return error.failure;
    throw error;
  }
}

/** Variables that let whoever set them decide what a program does before its own first line: Node, the loader, OpenSSL. */
const dangerous = /^(NODE_|ELECTRON_(?!RUN_AS_NODE$)|LD_|UV_|GLIBC_|MALLOC_|OPENSSL_|SSL_|PYTHON|BASH_|ENV$|IFS$)/;

/** @throws HelperRefusal */
function checkSurroundings(): void {
  if (process.platform !== 'linux' || process.arch !== 'x64') throw new HelperRefusal(`there is no helper for ${process.platform} ${process.arch}`);
  if (process.geteuid?.() !== 0) throw new HelperRefusal('it gives up the rights of root, and does not have them: run it by sudo or pkexec');
  const found = Object.keys(process.env).filter((name) => dangerous.test(name));
  if (found.length > 0) throw new HelperRefusal(`it does not run as root with ${found.join(', ')} in its environment`);
  if (process.execArgv.length > 0) throw new HelperRefusal(`it does not run as root with ${process.execArgv.join(' ')}`);
  for (const name of Object.keys(process.env)) Reflect.deleteProperty(process.env, name);
}

/** @throws HelperRefusal unless it is a pipe or a socket */
function pipe(fd: number): number {
  const stat = fs.fstatSync(fd);
  if (!stat.isFIFO() && !stat.isSocket()) throw new HelperRefusal(`its standard ${fd === 0 ? 'input' : 'output'} is no pipe: only Heatline itself can use it`);
  return fd;
}
