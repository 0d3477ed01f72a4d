import { once } from 'node:events';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { CoreError } from './coreDump/coreFailure.ts';
import { noTaskParts, readTaskParts } from './dump/processSnapshot.ts';
import { dumpOf } from './dump/readDump.ts';
import type { EngineEvent, EngineFailure, EngineOptions } from './engine.ts';
import type { EngineStart } from './engineThread.ts';
import { requestGrant } from './helper/broker.ts';
import type { CoreAnswer, CoreRequest, LookAnswer, LookRequest } from './look.ts';
import { openCore } from './openCore.ts';
import { openTarget, type OpenTarget } from './openTarget.ts';
import { openSystem, platform } from './os/index.ts';
import type { CodePlace } from './cpython/coroutines.ts';
import type { System } from './os/system.ts';
import { pythonsBelow } from './pythonsBelow.ts';
import { SamplingSession } from './sampler/session.ts';
import { TargetError } from './targetError.ts';
import type { GreenletSnapshot } from './tasks/greenletSnapshot.ts';
import { greenletsOf } from './tasks/readGreenlets.ts';
import { tasksOf } from './tasks/readTasks.ts';
import type { TaskSnapshot } from './tasks/taskSnapshot.ts';

/** What the engine hands to its worker thread. */
export interface WorkerInput {
  readonly options: EngineOptions;
  /** One word, a value of Control; the owner writes it and notifies. */
  readonly control: Int32Array;
  /** Whether it shall load everything, say so, and wait for an EngineStart. */
  readonly waiting: boolean;
}

/** Looks at a process once, when it is told at which. */
async function look({ kind, options }: LookRequest, port: MessagePort): Promise<LookAnswer> {
  try {
    const { system, pid } = await waitForStart(port, await openSystem());
    // Once for all that is looked at: what was granted can't be opened again.
    const target = openTarget(system, pid, 'wanted');
    try {
      const tasks = (): TaskSnapshot => sharedTasks(tasksOf(system, target));
      const greenlets = (): GreenletSnapshot => sharedGreenlets(greenletsOf(system, target));
      switch (kind) {
        case 'tasks':
          return { result: tasks() };
        case 'greenlets':
          return { result: greenlets() };
        case 'threads': {
          const threads = await dumpOf(system, target, { ...options, native: false });
          return { result: { threads, ...(options.tasks ? await readTaskParts({ tasks, greenlets }) : noTaskParts) } };
        }
      }
    } finally {
      target.close();
    }
  } catch (error) {
    return { failure: failureOf(error) };
  }
}

/** Reads a core dump as a process is looked at. */
async function lookAtCore({ file, search, locals }: CoreRequest): Promise<CoreAnswer> {
  try {
    const core = await openCore(file, search);
    try {
      const threads = core.dump(locals);
      const parts = await readTaskParts({ tasks: () => sharedTasks(core.tasks()), greenlets: () => sharedGreenlets(core.greenlets()) });
      return { result: { threads, ...parts } };
    } finally {
      core.close();
    }
  } catch (error) {
    return error instanceof CoreError ? { coreFailure: error.failure } : { failure: failureOf(error) };
  }
}

function sharedTasks(snapshot: TaskSnapshot): TaskSnapshot {
  const places = new Map<string, CodePlace>();
  return { ...snapshot, tasks: snapshot.tasks.map((one) => ({ ...one, stack: shared(one.stack, places) })) };
}

function sharedGreenlets(snapshot: GreenletSnapshot): GreenletSnapshot {
  const places = new Map<string, CodePlace>();
  return { ...snapshot, greenlets: snapshot.greenlets.map((one) => ({ ...one, stack: shared(one.stack, places) })) };
}

/** A stack whose places are one object each with all equal ones: who gets it has less to copy, in a thread that shows things. */
function shared(stack: readonly CodePlace[], places: Map<string, CodePlace>): CodePlace[] {
  return stack.map((place) => {
    const key = `${place.line} ${place.file}\0${place.function}`;
    const known = places.get(key);
    if (known === undefined) places.set(key, place);
    return known ?? place;
  });
}

/** Says that everything is loaded, and waits for what is to be read. */
async function waitForStart(port: MessagePort, own: System): Promise<{ readonly system: System; readonly pid: number }> {
  port.postMessage('loaded');
  const [start] = (await once(port, 'message')) as [EngineStart];
  if ('pid' in start) return { system: own, pid: start.pid };
  const { grant, broker } = start;
  return { system: platform().elevation.grants.openSystem([grant], (wanted) => requestGrant(broker, wanted)), pid: grant.pid };
}

/** The sampling loop blocks its thread, so it has one of its own. */
async function sample(port: MessagePort): Promise<void> {
  const { options: given, control, waiting } = workerData as WorkerInput; // made by startEngineThread in this very process
  const emit = (event: EngineEvent, transfer: ArrayBuffer[]): void => port.postMessage(event, transfer);
  let { pid } = given;
  try {
    let system = await openSystem();
    if (waiting) ({ system, pid } = await waitForStart(port, system));
    const options = { ...given, pid };
    const target = options.launched === true ? null : openFirst(system, options);
    const reason = new SamplingSession(system, target, options, control, emit).run();
    if (reason === null) emit({ type: 'failed', failure: { code: 'not-ready', pid, below: pythonsBelow(system, pid, true) } }, []);
    else emit({ type: 'ended', reason }, []);
  } catch (error) {
    emit({ type: 'failed', failure: failureOf(error) }, []);
  }
}

/** @returns null where it is not Python, or has no thread of it, and what it starts is or may be. @throws TargetError */
function openFirst(system: System, { pid, subprocesses = false, waits = false }: EngineOptions): OpenTarget | null {
  const isFollowed = (below: readonly number[]): boolean => subprocesses && (waits || below.length > 0);
  let target: OpenTarget;
  try {
    target = openTarget(system, pid, 'wanted');
  } catch (error) {
    if (!(error instanceof TargetError) || error.failure.code !== 'not-python') throw error;
    const below = pythonsBelow(system, pid);
    if (isFollowed(below)) return null;
    throw new TargetError({ ...error.failure, below });
  }
  if (!subprocesses || target.owner(system.threadIds(pid)) !== null || !isFollowed(pythonsBelow(system, pid))) return target;
  target.close();
  return null;
}

function failureOf(error: unknown): EngineFailure {
  if (error instanceof TargetError) return error.failure;
  return { code: 'internal', detail: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}

if (parentPort !== null) {
  if (workerData !== null && typeof workerData === 'object' && 'kind' in workerData) {
    const request = workerData as LookRequest | CoreRequest; // made by look.ts in this very process
    if (request.kind === 'core') parentPort.postMessage(await lookAtCore(request));
    else
      do parentPort.postMessage(await look(request, parentPort));
      while (request.repeats === true);
  } else await sample(parentPort);
}
