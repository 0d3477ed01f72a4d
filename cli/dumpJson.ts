import {
  type CoreSignal,
  type DumpSnapshot,
  type FrameRecord,
  type NativeFrameRecord,
  oldestFirst,
  signalName,
  waitRings,
} from '../native/index.ts';
import { libraryName, type ShownNative, shownFrames } from './dumpText.ts';

/** All threads of processes for programs. */
export function dumpJson(snapshots: readonly DumpSnapshot[], shortName: (file: string) => string, native: ShownNative): string {
  return `${JSON.stringify(
    snapshots.flatMap((snapshot) => jsonThreads(snapshot, shortName, native)),
    null,
    2,
  )}\n`;
}

/** py-spy's fields (its `dump --json`), and ours. */
function jsonThreads(snapshot: DumpSnapshot, shortName: (file: string) => string, native: ShownNative): unknown[] {
  const { pid, parentPid, commandLine, threads, moment, pythonVersion, core } = snapshot;
  const deadlocked = new Set(
    waitRings(threads)
      .flat()
      .map((index) => threads[index]),
  );
  return oldestFirst(threads).map((thread) => ({
    pid,
    thread_id: asNumber(thread.pythonThreadId),
    thread_name: thread.name,
    os_thread_id: thread.osThreadId,
    active: thread.state !== 'waiting',
    owns_gil: thread.holdsGil,
    frames: shownFrames(thread, native).map((frame) => ('file' in frame ? pythonFrame(frame, shortName) : nativeFrame(frame))),
    native_incomplete: thread.native?.problem ?? null,
    process_info: { pid, ppid: parentPid, command_line: commandLine.join(' ') },
    python_version: pythonVersion,
    state: thread.state,
    collects_garbage: thread.collects,
    interpreter_id: thread.interpreterId,
    incomplete: thread.problem,
    waits_for:
      thread.wait === null
        ? null
        : {
            what: thread.wait.what,
            os_thread_id: thread.wait.owner === null ? null : (threads[thread.wait.owner]?.osThreadId ?? null),
            why: thread.wait.why,
          },
    deadlocked: deadlocked.has(thread),
    signal: core?.signal?.threadId === thread.osThreadId ? jsonSignal(core.signal) : null,
    moment: { one_instant: moment.isInstant, how: moment.how, pause_us: moment.pause, why: moment.why },
  }));
}

function pythonFrame({ function: name, file, line, expression, locals }: FrameRecord, shortName: (file: string) => string): unknown {
  return {
    kind: 'python',
    name,
    filename: file,
    module: null,
    short_filename: shortName(file),
    line,
    expression,
    locals:
      locals?.map((local) => ({
        name: local.name,
        addr: Number(local.address),
        arg: local.isArgument,
        repr: local.text,
        kind: local.kind,
      })) ?? null,
  };
}

/** As py-spy has them: where there is no source, the library is where a file is, too. */
function nativeFrame(frame: NativeFrameRecord): unknown {
  const { function: name, library, source, line, address, isInlined, isGuessed, isInterpreters } = frame;
  return {
    kind: 'native',
    name,
    filename: source ?? library ?? '',
    module: library,
    short_filename: libraryName(source ?? library),
    line,
    expression: null,
    locals: null,
    address,
    inlined: isInlined,
    guessed: isGuessed,
    interpreter: isInterpreters,
  };
}

function jsonSignal({ number, code, address, sender }: CoreSignal): unknown {
  return { name: signalName(number), number, code, address, sender_pid: sender };
}

/** Addresses of threads fit a number; what does not stays text. */
function asNumber(text: string): number | string {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : text;
}
