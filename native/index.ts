/** What the rest of Heatline may know of reading other processes. */
import type { Engine, EngineListener, EngineOptions } from './engine.ts';
import { startEngineThread, type WaitingEngine } from './engineThread.ts';
import { protocolVersion } from './helper/messages.ts';
import type { Elevation, ElevationFacts } from './os/elevation.ts';
import { openSystem, platform } from './os/index.ts';
import type { Launching } from './os/launching.ts';
import type { Pipes } from './os/pipes.ts';

export type {
  AccessObstacle,
  ElevationObstacle,
  EndReason,
  Engine,
  EngineEvent,
  EngineFailure,
  EngineListener,
  EngineOptions,
  LookKind,
  LookObstacle,
  NativeObstacle,
} from './engine.ts';
export { fastestNative } from './engine.ts';
export { type SamplingOptions, samplingOptions, samplingSwitches, switchArguments } from './samplingOptions.ts';
export type { WaitingEngine } from './engineThread.ts';
export { CoreError, type CoreFailure, type MissingFile } from './coreDump/coreFailure.ts';
export type { CoreSignal } from './coreDump/coreNotes.ts';
export { signalCause, signalName } from './coreDump/signals.ts';
export { dumpProcesses } from './dump/dumpProcesses.ts';
export type { CoreRecord, DumpSnapshot, FrameRecord, LocalRecord, NativeFrameRecord, ThreadDump } from './dump/dumpSnapshot.ts';
export { type Part, type ProcessSnapshot, readTaskParts, type TaskParts, type TaskViews } from './dump/processSnapshot.ts';
export { oldestFirst, waitRings } from './dump/threadRelations.ts';
export {
  lookAtCore,
  lookAtGreenlets,
  lookAtProcess,
  lookAtTasks,
  lookAtThreads,
  type LookResults,
  type ThreadLookOptions,
} from './look.ts';
export { openCore } from './openCore.ts';
export { MessageWriter, obeyCommands } from './helper/channel.ts';
export { connectEngine, endedConnection, type HelperConnection } from './helper/client.ts';
export { connectLook } from './helper/lookClient.ts';
export {
  elevateArguments,
  helperCommand,
  type HelperLook,
  type HelperOptions,
  namedHelperCommand,
  nodeEnvironment,
  runCommandLine,
  runVariable,
} from './helper/commandLine.ts';
export { Command, decodeMessage, MessageReader, type HelperMessage } from './helper/messages.ts';
export { HelperExit, HelperRefusal, runHelper } from './helper/helper.ts';
export { type Exit, PART_EXTENSION, type RecordingFacts, RecordingFile } from './recordings/recordingFile.ts';
export { isRecording, readRecording, readRecordingFacts, type RecordingListener } from './recordings/recordingReader.ts';
export { makePipeConnection } from './helper/pipeConnection.ts';
export { spawnHelper } from './helper/spawnedHelper.ts';
export { unsafeFile } from './helper/ownFiles.ts';
export { type ElevationFacts, InstallError } from './os/elevation.ts';
export { PipeError } from './os/pipes.ts';
export { RepeatedLook } from './repeatedLook.ts';
export { listPythonProcesses, type PythonProcess, readObstacle } from './processes.ts';
export { prepareSeparateEngine, runSamplerProcess, samplerArgument, startSeparateEngine } from './samplerProcess.ts';
export { SourceLines } from './sourceLines.ts';
export { failureOf, TargetError } from './targetError.ts';
export type { GreenletRecord, GreenletSnapshot } from './tasks/greenletSnapshot.ts';
export { type GreenletNode, greenletTrees } from './tasks/greenletTree.ts';
export type { CodePlace, LoopRecord, TaskRecord, TaskSnapshot } from './tasks/taskSnapshot.ts';
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
  return platform().elevation.facts((await openSystem()).processIds(), process.env);
}

/**
 * When a process started, in the system's own units since boot: tells it from another one that gets its number later. Null when
 * it is gone.
 */
export async function startTimeOf(pid: number): Promise<number | null> {
  return (await openSystem()).execution(pid)?.startTime ?? null;
}

// What follows is the platform's, for the one we run on. All throw a TargetError (unsupported-system) where there is none.

/** sudo's absolute path, null when there is none. */
export function sudoPath(): string | null {
  return platform().elevation.sudoPath();
}

/** What an exit of the program that asked for a password means, or of the helper that it started. */
export const endOf: Elevation['endOf'] = (...all) => platform().elevation.endOf(...all);

/** The installed helper's program, null when there is none that we would run. */
export function installedHelper(): string | null {
  return platform().elevation.installation.program(protocolVersion);
}

/** Installs the helper for all users. @param cli the bundled command line. @returns the files and folders it made. @throws InstallError */
export function installHelper(cli: string): string[] {
  return platform().elevation.installation.install(cli, protocolVersion);
}

/** Takes away what installHelper made. @returns what was there. @throws InstallError */
export function removeHelper(): string[] {
  return platform().elevation.installation.remove();
}

/** Pipes.open */
export const openPipe: Pipes['open'] = (name, end) => platform().pipes.open(name, end);

/** Whether only its parents may read a process here, unless it allows another one to (executeAllowing). */
export function onlyParentsMayRead(): boolean {
  return platform().launching.onlyParentsMayRead();
}

/** Launching.dieBy */
export const dieBy: Launching['dieBy'] = (signal) => platform().launching.dieBy(signal);

/** Launching.executeAllowing */
export const executeAllowing: Launching['executeAllowing'] = (pid, program) => platform().launching.executeAllowing(pid, program);

/** Launching.terminalSignals */
export const terminalSignals: Launching['terminalSignals'] = () => platform().launching.terminalSignals();

/** Launching.withParentsFileLimit */
export const withParentsFileLimit: Launching['withParentsFileLimit'] = (action) => platform().launching.withParentsFileLimit(action);
