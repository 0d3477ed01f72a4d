import { once } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';
import type { EngineEvent, EngineFailure, EngineOptions } from './engine.ts';
import type { EngineStart } from './engineThread.ts';
import { requestGrant } from './helper/broker.ts';
import type { LookAnswer, LookRequest } from './look.ts';
import { openTarget } from './openTarget.ts';
import { openSystem } from './os/index.ts';
import { SamplingSession } from './sampler/session.ts';
import { TargetError } from './targetError.ts';
import { readGreenlets } from './tasks/readGreenlets.ts';
import { readTasks } from './tasks/readTasks.ts';

/** What the engine hands to its worker thread. */
export interface WorkerInput {
  readonly options: EngineOptions;
  /** One word, a value of Control; the owner writes it and notifies. */
  readonly control: Int32Array;
  /** Whether it shall load everything, say so, and wait for an EngineStart. */
  readonly waiting: boolean;
}

/** Looks at a process once. */
async function look({ kind, pid }: LookRequest): Promise<LookAnswer> {
  try {
    return { result: (kind === 'tasks' ? readTasks : readGreenlets)(await openSystem(), pid) };
  } catch (error) {
    return { failure: failureOf(error) };
  }
}

/** The sampling loop blocks its thread, so it has one of its own. */
async function main(): Promise<void> {
  const port = parentPort;
  if (port === null) return;
  const { options: given, control, waiting } = workerData as WorkerInput; // made by startEngineThread in this very process
  const emit = (event: EngineEvent, transfer: ArrayBuffer[]): void => port.postMessage(event, transfer);
  let { pid } = given;
  try {
    let system = await openSystem();
    if (waiting) {
      const { GrantedSystem } = await import('./os/linux/grantedSystem.ts'); // now: nothing may be loadable later
      port.postMessage('loaded');
      const [start] = (await once(port, 'message')) as [EngineStart];
      if ('pid' in start) {
        pid = start.pid;
      } else {
        const { grant, broker } = start;
        pid = grant.pid;
        system = new GrantedSystem([grant], (wanted) => requestGrant(broker, wanted));
      }
    }
    const options = { ...given, pid };
    const target = options.launched === true ? null : openTarget(system, pid);
    const reason = new SamplingSession(system, target, options, control, emit).run();
    if (reason === null) emit({ type: 'failed', failure: { code: 'not-ready', pid } }, []);
    else emit({ type: 'ended', reason }, []);
  } catch (error) {
    emit({ type: 'failed', failure: failureOf(error) }, []);
  }
}

function failureOf(error: unknown): EngineFailure {
  if (error instanceof TargetError) return error.failure;
  return { code: 'internal', detail: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}

if (workerData !== null && typeof workerData === 'object' && 'kind' in workerData) parentPort?.postMessage(await look(workerData as LookRequest)); // made by look.ts in this very process
else await main();
