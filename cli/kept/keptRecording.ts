import fs from 'node:fs';
import path from 'node:path';
import { type EngineEvent, readRecordingFacts, RecordingFile } from '../../native/index.ts';
import type { Profile } from '../../profile/profile.ts';
import { snapshotOf } from '../../profile/snapshot.ts';
import { say } from '../say.ts';
import { prune, rename } from './leftRecordings.ts';
import { liveName } from './recordingNames.ts';
import { makePrivateFolder, recordingFolders } from './stateFolder.ts';

/**
 * ms of a recording that may be lost when we are killed: a shorter one leaves no trace. With a second between deltas, what comes later
 * is on the disk after little more than that.
 */
const patience = 3500;

/** ms; what timers can wait at most. */
const longest = 2 ** 31 - 1;

/** What is known of a recording beforehand. */
export interface KeptFacts {
  /** ms; undefined: nobody knows. */
  readonly duration?: number;
  readonly rate: number | 'max';
  /** Where its profile is to go, an absolute path; null: to standard output. Asked for when sampling has begun. */
  readonly output: () => string | null;
  /** Says nothing but what went wrong. */
  readonly quiet: boolean;
}

/**
 * Keeps on disk what is recorded, until its profile is written: who kills us does not take away what we had. The file is in a folder
 * that only our user may look into.
 */
export class KeptRecording {
  readonly #file: RecordingFile;
  #path: Promise<string> | undefined;
  #isDone = false;

  /** @param profile what was recorded so far */
  constructor({ duration = Infinity, rate, output, quiet }: KeptFacts, profile: () => Profile) {
    this.#file = new RecordingFile({
      path: () => (this.#path ??= makePath()),
      facts: () => {
        const [process_] = profile().processes;
        const to = output();
        return {
          pid: process_?.pid ?? 0,
          name: process_?.name ?? '',
          ordinal: 1,
          rate: rate === 'max' ? 0 : rate,
          ...(to === null ? {} : { output: to }),
        };
      },
      onError: ({ message }) => {
        if (!quiet) say(`heatline: what is recorded from here on is not kept on disk, and lost if this process is killed: ${message}.`);
      },
      snapshot: () => snapshotOf(profile()),
      // One that is known to be short never is on the disk, however long its end takes on a busy machine.
      patience: duration <= patience ? longest : patience,
    });
  }

  /** To be told of all that an engine says, before the profile has it. */
  write(event: EngineEvent): void {
    this.#file.write(event);
  }

  /** The profile is where it was to go. */
  async delete(): Promise<void> {
    this.#isDone = true;
    await this.#file.delete();
  }

  /** The profile could not be written anywhere. @returns where what was recorded is, and whether it is whole; null: nowhere */
  async leave(): Promise<{ readonly path: string; readonly isWhole: boolean } | null> {
    await this.#file.keep();
    if (!this.#file.isThere) return null;
    try {
      const file = await this.#path!;
      const { mtime, size } = fs.statSync(file);
      const facts = await readRecordingFacts(file);
      return { path: rename({ path: file, facts, endedAt: mtime, bytes: size }).path, isWhole: !this.#file.hasFailed };
    } catch {
      await this.#file.delete(); // not even its beginning is there
      return null;
    }
  }

  /** What an end before all is done loses, as a sentence's end; '': nothing. */
  loss(): string {
    if (this.#isDone) return '';
    return this.#file.isThere ? 'the profile is not written. heatline recover makes it of what was kept' : 'the profile is not written';
  }
}

/** @throws Error when there is no place for it */
async function makePath(): Promise<string> {
  let problem: unknown;
  for (const folder of recordingFolders()) {
    try {
      makePrivateFolder(folder);
      await prune();
      return path.join(folder, await liveName());
    } catch (error) {
      problem ??= error;
    }
  }
  throw problem;
}
