/** What the rest of Heatline may know of reading other processes. */
import type { Engine, EngineListener, EngineOptions } from './engine.ts';
import { startEngineThread, type WaitingEngine } from './engineThread.ts';
import { openSystem } from './os/index.ts';
import { type ElevationFacts, elevationFacts } from './os/linux/elevation.ts';

export type { AccessObstacle, ElevationObstacle, EndReason, Engine, EngineEvent, EngineFailure, EngineListener, EngineOptions, LookKind, LookObstacle } from './engine.ts';
export type { WaitingEngine } from './engineThread.ts';
export { lookAtGreenlets, lookAtTasks, type LookResults } from './look.ts';
export { MessageWriter, obeyCommands } from './helper/channel.ts';
export { connectEngine, endOf, type HelperConnection, type HelperEnd, type HelperPatience } from './helper/client.ts';
export { connectLook } from './helper/lookClient.ts';
export { elevateArguments, givenOptions, helperCommand, type HelperLook, type HelperOptions, nodeEnvironment, runVariable } from './helper/commandLine.ts';
export { Command, decodeMessage, encodeMessage, FrameReader, type HelperMessage, maxFrame, protocolVersion } from './helper/frames.ts';
export { HelperExit, HelperRefusal, runHelper } from './helper/helper.ts';
export { makePipeConnection, type PipeConnection } from './helper/pipeConnection.ts';
export { spawnHelper } from './helper/spawnedHelper.ts';
export { type ElevationFacts, sudoPath } from './os/linux/elevation.ts';
export { dieBy, executeAllowing, hasControllingTerminal, withParentsFileLimit } from './os/linux/launch.ts';
export { makePipe, openPipe, PipeError } from './os/linux/namedPipe.ts';
export { listPythonProcesses, type PythonProcess } from './processes.ts';
export { failureOf, TargetError } from './targetError.ts';
export type { GreenletRecord, GreenletSnapshot } from './tasks/greenletSnapshot.ts';
export { type GreenletNode, greenletTrees } from './tasks/greenletTree.ts';
export type { CodePlace, LoopRecord, TaskCondition, TaskRecord, TaskSnapshot } from './tasks/taskSnapshot.ts';
export { type TaskNode, taskTrees } from './tasks/taskTree.ts';

/**
 * Starts sampling a process in a worker thread. Never throws for what is wrong with the target: that
 * comes as a `failed` event.
 * @throws RangeError for a rate or duration that makes no sense
 */
export function startEngine(options: EngineOptions, listener: EngineListener): Engine {
  return startEngineThread(options, false, listener);
}

/**
 * Gets an engine ready for a process that is about to be started: it is told which once that has a pid, and waits
 * until it is Python.
 * @throws RangeError for a rate or duration that makes no sense
 */
export function prepareEngine(options: Omit<EngineOptions, 'pid' | 'launched'>, listener: EngineListener): WaitingEngine {
  return startEngineThread({ ...options, pid: 0, launched: true }, true, listener);
}

/** How a user can become root here. */
export async function findElevation(): Promise<ElevationFacts> {
  return elevationFacts((await openSystem()).processIds(), process.env);
}

/** When a process started, in the system's own units since boot: tells it from another one that gets its number later. Null when it is gone. */
export async function startTimeOf(pid: number): Promise<number | null> {
  return (await openSystem()).execution(pid)?.startTime ?? null;
}
