import type { ElevationObstacle } from '../engine.ts';
import type { Execution, System } from './system.ts';

/** How more rights are had to read a process, and given up again. */
export interface Elevation {
  /** How a user can become root here. @param processIds of all processes */
  facts(processIds: readonly number[], environment: NodeJS.ProcessEnv): ElevationFacts;
  /** Absolute path of the program that asks for a password in a terminal and then runs another as root, null when there is none. */
  sudoPath(): string | null;
  /**
   * A command that runs another one in an environment of these variables alone, whoever starts it. No shell.
   * @param command begins with an absolute path
   */
  inEnvironment(variables: Readonly<Record<string, string>>, command: readonly string[]): string[];
  /** What the programs that ask for a password need of their environment. */
  askingEnvironment(environment: NodeJS.ProcessEnv): Record<string, string>;
  /**
   * What the end of a program that asked for a password means, or of the helper that it started.
   * @param says the last line it wrote to standard error
   */
  endOf(code: number | null, signal: string | null, says?: string): [reason: ElevationObstacle, detail: string];
  /**
   * Finds what accounts other than root and ours could change, so that something else runs when we think that we run a file.
   * @param file absolute; of a folder all that is in it counts as well
   * @returns null when there is nothing
   */
  changeableByOthers(file: string): string | null;

  /** Whether we have the rights that a helper needs. */
  isElevated(): boolean;
  /**
   * Gives them up for good, in all threads. What is open stays open; whatever else has to be loaded must have been loaded.
   * @throws Error when any of it can't be done, or was not; the process must not go on then
   */
  giveUp(): void;
  readonly grants: Grants;
  readonly parcels: Parcels;
  readonly installation: HelperInstallation;
}

/** What decides how a user can become root here. */
export interface ElevationFacts {
  /** Absolute paths, null where there is none. */
  readonly sudo: string | null;
  readonly pkexec: string | null;
  /** A graphical session, and in it a program of the same user that shows polkit's dialogs. */
  readonly hasAgent: boolean;
  readonly isContainer: boolean;
  /** Yama's kernel.yama.ptrace_scope; 0 where there is no Yama. At 3 not even root may read processes. */
  readonly ptraceScope: number;
  /** Root may read others' processes here: a container may have taken CAP_SYS_PTRACE from all that run in it. */
  readonly rootMayTrace: boolean;
}

/**
 * What has to be opened or read of a process with more rights than the sampler keeps. Plain data: it crosses thread and process
 * borders, its handles as numbers.
 */
export interface Grant {
  readonly pid: number;
  /** When the process started, in the system's own units. */
  readonly startTime: number;
  /** Open files or other handles: which, only the system knows. */
  readonly handles: readonly number[];
  readonly executable: string | null;
  readonly workingDirectory: string | null;
}

/** A grant that was requested from someone who still has the rights. */
export interface RequestedGrant extends Grant {
  /** The process it stems from, of those that were opened before: itself, an ancestor, or what it is a copy of. */
  readonly origin: number;
}

export interface Grants {
  /** Handles that each grant has. */
  readonly handleCount: number;
  /**
   * Opens what a sampler needs of a process.
   * @param startTime of the process that is meant, in the system's own units; null for whichever has the number now
   * @throws TargetError (no-such-process, permission-denied, not-python for a process without memory)
   */
  open(pid: number, startTime: number | null): Grant;
  close(grant: Grant): void;
  /** When a process started and who started it; null when it is gone. */
  origin(pid: number): ProcessOrigin | null;
  /** All user ids of a process, its real one first; null when it is gone or hidden. */
  userIds(pid: number): readonly number[] | null;
  /** What a process executes; null when it is gone. */
  execution(pid: number): Execution | null;
  /**
   * The system as a sampler sees it that has given its rights up.
   * @param first what was opened before; belongs to the system from now on
   * @param request asks for another process. @throws TargetError when it is refused
   */
  openSystem(first: readonly Grant[], request: (pid: number) => RequestedGrant): System;
}

export interface ProcessOrigin {
  /** In the system's own units. */
  readonly startTime: number;
  readonly parentPid: number;
}

/** A message between two processes of ours, with open files. */
export interface Parcel {
  readonly bytes: Buffer;
  readonly files: readonly number[];
}

/** How open files get from one process of ours to another. */
export interface Parcels {
  /** Two connected sockets that keep messages apart. @throws Error */
  makeSocketPair(): [number, number];
  /** Lets `receive` give up. @param seconds whole ones */
  limitWaiting(socket: number, seconds: number): void;
  /** @returns false when it could not be sent, as when nobody is there */
  send(socket: number, parcel: Parcel): boolean;
  /** Waits for a message. @returns null when nobody is there any more, or time is up */
  receive(socket: number): Parcel | null;
}

/** The helper can't be installed; the message says why. */
export class InstallError extends Error {
  override name = 'InstallError';
}

/** Where root may install the helper, so that nothing is run as root that a user can change. */
export interface HelperInstallation {
  /** The installed helper's program, if there is one, nobody but root can change it, and it speaks as we do; else null. */
  program(protocol: number): string | null;
  /**
   * Copies what the helper is made of to where only root can change it. To be called as root.
   * @param cli the bundled command line
   * @returns the files and folders it made
   * @throws InstallError
   */
  install(cli: string, protocol: number): string[];
  /** Takes away what `install` made. @returns what was there. @throws InstallError */
  remove(): string[];
}
