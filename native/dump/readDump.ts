import { objectLayout } from '../cpython/objectLayout.ts';
import type { CoreProcess } from '../coreDump/coreProcess.ts';
import { ThreadNames } from '../cpython/threadNames.ts';
import { type Memory, SpanPlan } from '../memory/memory.ts';
import { type OpenTarget, openTarget } from '../openTarget.ts';
import { type ProcessSource, type System, ThreadState } from '../os/system.ts';
import { type Interpreter, listInterpreters } from '../sampler/threads/interpreters.ts';
import { TargetError } from '../targetError.ts';
import type { FoundEvaluations } from '../unwind/evaluationList.ts';
import { Modules } from '../unwind/modules.ts';
import { RuleTable } from '../unwind/rules.ts';
import { x64 } from '../unwind/x64.ts';
import { valueLimits } from '../values/valueLimits.ts';
import { ValueReader } from '../values/valueReader.ts';
import type { DumpOptions, DumpSnapshot, Moment, ThreadDump } from './dumpSnapshot.ts';
import { DumpFrames } from './frameReader.ts';
import { type Look, lookAtInstant, type StateOf, type WatchedThread } from './instant.ts';
import { LocalsReader } from './localsReader.ts';
import { NativeCapture } from './nativeCapture.ts';
import { NativeStacks } from './nativeStacks.ts';
import { Waits } from './waits.ts';

/**
 * Looks once at all threads of a process: what they are, where they are, and on request what their variables are. It is read at one
 * instant where that can be had (lookAtInstant). The calling thread should do nothing else meanwhile: it goes where the program is.
 * @throws TargetError when there is no such process, no right to read it, or no Python whose threads can be read
 */
export async function readDump(system: System, pid: number, options: DumpOptions): Promise<DumpSnapshot> {
  const target = openTarget(system, pid, 'wanted');
  try {
    return await dumpOf(system, target, options);
  } finally {
    target.close();
  }
}

/** The same of a process that is open. @throws TargetError */
export async function dumpOf(system: System, target: OpenTarget, options: DumpOptions): Promise<DumpSnapshot> {
  const native = options.native ? openNative(system, target, options) : null;
  try {
    const { result, moment, stacks } = await lookAtInstant(
      system,
      target,
      options.neverStop,
      (memory, live, stateOf) => lookOnce(target, options.locals, memory, live, stateOf, options.native),
      native?.capture ?? null,
    );
    const threads = result?.map(({ thread, evaluations }) => {
      const copy = stacks?.get(thread.osThreadId) ?? 'its native stack was not read';
      return { ...thread, native: native?.stacks.of(copy, evaluations, thread.frames.length) ?? null };
    });
    return snapshotOf(system, target, threads ?? null, moment);
  } finally {
    native?.close();
  }
}

interface Native {
  readonly capture: NativeCapture;
  readonly stacks: NativeStacks;
  close(): void;
}

/** What native stacks are read with; null where Heatline does not read them. */
function openNative(system: System, { pid, memory }: OpenTarget, { neverStop, debugFolders = [] }: DumpOptions): Native | null {
  const contexts = system.openThreadContexts?.(pid);
  if (contexts === undefined) return null;
  const regions = contexts.regions();
  // Heatline reads processes of the processor that it runs on.
  const architecture = x64;
  const rules = new RuleTable(architecture);
  const modules = new Modules(system, pid, memory, regions, rules);
  const stacks = new NativeStacks(modules, rules, architecture, contexts, debugFolders);
  return {
    capture: new NativeCapture(contexts, architecture, memory, regions, neverStop),
    stacks,
    close() {
      stacks.close();
      modules.close();
    },
  };
}

/** A thread, and where its evaluations are. */
interface LookedAt {
  readonly thread: ThreadDump;
  readonly evaluations: FoundEvaluations;
}

/**
 * Shows what is to be seen in a core dump: all of it is of the instant at which it was written.
 * @param file where it is
 * @throws TargetError when there is no Python in it whose threads can be read
 */
export function readCoreDump(core: CoreProcess, file: string, locals: DumpOptions['locals']): DumpSnapshot {
  const target = openTarget(core, core.pid, 'wanted');
  try {
    // What was looked for to find Python is not what is missing now.
    core.files.missing.clear();
    const { states, memory } = target;
    const stateOf: StateOf = (id) => (states.look(states.track(id)) === ThreadState.Waiting ? 'waiting' : 'running');
    const { result } = lookOnce(target, locals, memory, null, stateOf, false);
    const threads = result?.map(({ thread }) => thread) ?? null;
    const snapshot = snapshotOf(core, target, threads, { isInstant: true, how: 'dumped', pause: 0, why: null });
    return {
      ...snapshot,
      core: { file, signal: core.signal, unchecked: core.files.unchecked },
      problems: [...snapshot.problems, ...core.problems()],
    };
  } finally {
    target.close();
  }
}

function snapshotOf(source: ProcessSource, target: OpenTarget, result: readonly ThreadDump[] | null, moment: Moment): DumpSnapshot {
  const { pid } = target;
  if (result === null) throw new TargetError({ code: 'unreadable', pid, detail: 'the list of its threads' });
  const facts = source.processFacts(pid);
  const threads = result.map((thread) => named(source, target, thread));
  if (threads.length === 0) throw new TargetError({ code: 'not-ready', pid });
  const problems = threads.flatMap(({ osThreadId, problem }) => (problem === null ? [] : [`thread ${osThreadId}: ${problem}`]));
  return {
    pid,
    parentPid: facts?.parentPid ?? null,
    commandLine: facts?.commandLine ?? [],
    executable: facts?.executable ?? null,
    workingDirectory: facts?.workingDirectory ?? null,
    pythonVersion: target.pythonVersion,
    moment,
    core: null,
    threads,
    problems,
  };
}

/** Threads that `threading` does not know have the system's name, unless that is the program's. */
function named(system: ProcessSource, { pid }: OpenTarget, thread: ThreadDump): ThreadDump {
  if (thread.name !== null) return thread;
  if (thread.osThreadId === pid) return { ...thread, name: 'MainThread' };
  const name = system.threadName(pid, thread.osThreadId);
  return name === null || name === system.threadName(pid, pid) ? thread : { ...thread, name };
}

/** @returns null in place of the threads where the lists of them can't be read */
function lookOnce(
  target: OpenTarget,
  wanted: DumpOptions['locals'],
  memory: Memory,
  live: OpenTarget['memory'] | null,
  stateOf: StateOf,
  wantsNative: boolean,
): Look<readonly LookedAt[] | null> {
  const { layout, opcodes } = target;
  const source = { ...target, memory };
  const interpreters = listInterpreters(source)?.interpreters;
  if (interpreters === undefined) return { result: null, threads: [], broken: 0 };
  const objects = objectLayout(layout);
  const frames = new DumpFrames(memory, layout, opcodes, wantsNative);
  // What is read as the program runs has to be looked at twice, and pages are kept.
  const limits = valueLimits[wanted === 'long' ? 'long' : 'short'];
  const values = objects && new ValueReader(live ?? memory, layout, objects, limits);
  const locals = values && new LocalsReader(memory, live, layout, values);
  const watched: WatchedThread[] = [];
  const identities = interpreters.flatMap(({ threads }) => threads.map(({ pythonThreadId }) => pythonThreadId));
  const waits = values && locals && new Waits(values, locals, (identity) => identities.indexOf(identity));
  const names = new ThreadNames(memory, interpreters, layout);
  const result = interpreters.flatMap((interpreter) => {
    const holder = holderOf(interpreter, memory);
    return interpreter.threads.map((thread): LookedAt => {
      const { osThreadId, pythonThreadId, address } = thread;
      const holdsGil = address === holder;
      watched.push({ osThreadId, holdsGil, isGuarded: holder !== 0, interpreterId: interpreter.id });
      const stack = frames.stack(address);
      const state = stateOf(osThreadId);
      const read: ThreadDump = {
        osThreadId,
        pythonThreadId,
        interpreterId: interpreter.id,
        name: names.of(interpreter.id, pythonThreadId) ?? null,
        state,
        holdsGil,
        collects: interpreter.collecting && holdsGil,
        frames: stack.frames.map((frame) => ({
          ...frame.record,
          locals: wanted === 'none' ? null : (locals?.read(frame) ?? null),
        })),
        problem: stack.problem,
        wait: state === 'waiting' ? (waits?.of(stack.frames, pythonThreadId) ?? null) : null,
        native: null,
      };
      return { thread: read, evaluations: stack.evaluations };
    });
  });
  return { result, threads: watched, broken: result.filter(({ thread }) => thread.problem !== null).length };
}

/** Takes the interpreter's state. @returns address of the thread state that holds the GIL; 0: nobody does, or there is none */
function holderOf(interpreter: Interpreter, memory: Memory): number {
  const plan = new SpanPlan();
  interpreter.plan(plan);
  const buffer = new ArrayBuffer((plan.totalLength + 7) & ~7);
  if (memory.readSpans(plan, new Uint8Array(buffer)) < plan.totalLength) return 0;
  interpreter.look(new Int32Array(buffer));
  return (interpreter.gilHolderLow >>> 0) + (interpreter.gilHolderHigh >>> 0) * 2 ** 32;
}
