import path from 'node:path';
import type { SamplingOptions } from '../native/index.ts';
import { type FormatId, formatOf } from '../profile/formats/registry.ts';
import { contentOf } from './formats.ts';

/** How a recording is made, whether of a program that runs or of one that is started. */
export interface RecordOptions extends SamplingOptions {
  readonly format: FormatId;
  readonly view: View;
  /** Says nothing but what went wrong. */
  readonly quiet: boolean;
  /** Shows no progress. */
  readonly hidesProgress: boolean;
  /** Writes events to standard output; a profile only where `output` says so. */
  readonly stream?: boolean;
}

/** What of a recording is written, as py-spy's options have it. */
export interface View {
  /** -F: by function, with its first line; --nolineno: without lines. */
  readonly lines: 'current' | 'first' | 'none';
  readonly threads: boolean;
  readonly gil: boolean;
  readonly idle: boolean;
  readonly fullFilenames: boolean;
}

export interface RecordCommand extends RecordOptions {
  readonly name: 'record';
  readonly pid: number;
  /** Undefined: named after the process and the time. */
  readonly output: string | undefined;
}

export interface RunCommand extends RecordOptions {
  readonly name: 'run';
  /** The program and what it is given. */
  readonly program: readonly [string, ...string[]];
  /** Undefined: named after the program, the process and the time. */
  readonly output: string | undefined;
  /** A process that may read the program's memory, too, where only parents may. */
  readonly allow: number | undefined;
  /** Named pipes to an editor, which then gets the profile instead of a file. */
  readonly events: string | undefined;
  readonly commands: string | undefined;
}

/**
 * ms between deltas of which nothing is drawn but a line of progress: making and taking them in is a third of the sampler's CPU at
 * 60 looks a second where pictures follow four times a second.
 */
export const unwatchedInterval = 1000;

/** Whether file names are shown short. */
export function hasShortNames({ format, view }: RecordOptions): boolean {
  return contentOf(format) === 'stacks' && !view.fullFilenames;
}

/**
 * Where a profile goes unless told, as with py-spy: named after the process or the program, and the time; without colons, which
 * scp and others take for something else.
 * @param who a process, or the program and its process
 */
export function defaultOutput(who: readonly (string | number)[], format: FormatId, now = new Date()): string {
  const [first, ...others] = who.map((part) => (typeof part === 'string' ? path.basename(part) : String(part)));
  return `${[first, ...others].join('-')}-${fileTime(now)}${formatOf(format).endings[0]!}`;
}

/** A time as names of files have it. */
export function fileTime(time: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  return `${day}T${two(time.getHours())}-${two(time.getMinutes())}-${two(time.getSeconds())}`;
}
