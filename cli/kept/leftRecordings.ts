import fs from 'node:fs';
import path from 'node:path';
import { PART_EXTENSION, type RecordingFacts, readRecordingFacts } from '../../native/index.ts';
import { isAbandoned, isLiveName, leftName, RECORDING_EXTENSION } from './recordingNames.ts';
import { isPrivate, recordingFolders } from './stateFolder.ts';

/** A recording whose profile was never written. */
export interface LeftRecording {
  readonly path: string;
  /** Null: it can't be read. */
  readonly facts: RecordingFacts | null;
  /** When the last of it was written. */
  readonly endedAt: Date;
  readonly bytes: number;
}

/** What is left, for so long and so much at most: what is older, and the oldest of what is more, goes when the next one comes. */
export const leftLimits = { days: 14, recordings: 10, bytes: 2 ** 31 } as const;

/** Files of a folder that are looked at. */
const maxFiles = 1000;

const day = 24 * 60 * 60 * 1000;

/** All that is left, the newest first. Those of processes that have ended get the names they have from then on. */
export async function leftRecordings(): Promise<LeftRecording[]> {
  await claimLeft();
  return allLeft();
}

/** The newest first; those that nobody was told of yet are among them. */
async function allLeft(): Promise<LeftRecording[]> {
  const all: LeftRecording[] = [];
  for (const file of filesOf()) {
    const isLeft = isLiveName(file.name) ? await isAbandoned(file.name, file.stats.mtimeMs) : file.name.endsWith(RECORDING_EXTENSION);
    if (isLeft) all.push(await left(file));
  }
  return all.sort((a, b) => b.endedAt.getTime() - a.endedAt.getTime());
}

/** Finds what processes that have ended left. @returns each one once, to the first that asks */
export async function claimLeft(): Promise<LeftRecording[]> {
  const claimed: LeftRecording[] = [];
  for (const file of filesOf()) {
    if (!(await isAbandoned(file.name, file.stats.mtimeMs))) continue;
    try {
      // Nobody will complete it.
      if (file.name.endsWith(PART_EXTENSION)) fs.rmSync(file.path);
      else claimed.push(rename(await left(file)));
    } catch {
      continue; // another command was faster
    }
  }
  return claimed;
}

/** Gives a recording the name it has when who made it is gone. @throws Error when it is not there any more */
export function rename(recording: LeftRecording): LeftRecording {
  const { path: from, facts, endedAt } = recording;
  const to = path.join(path.dirname(from), leftName(path.basename(from), facts, endedAt));
  fs.renameSync(from, to);
  return { ...recording, path: to };
}

/** Makes room for one more. */
export async function prune(now = Date.now()): Promise<void> {
  let [count, bytes] = [0, 0];
  for (const recording of await allLeft()) {
    count++;
    bytes += recording.bytes;
    const isOld = now - recording.endedAt.getTime() > leftLimits.days * day;
    if (isOld || count >= leftLimits.recordings || bytes > leftLimits.bytes) fs.rmSync(recording.path, { force: true });
  }
}

interface FoundFile {
  readonly name: string;
  readonly path: string;
  readonly stats: fs.Stats;
}

/** Of all folders that are ours alone; what in them is no file is left out. */
function filesOf(): FoundFile[] {
  return recordingFolders()
    .filter((folder) => isPrivate(folder))
    .flatMap((folder) => {
      try {
        return fs
          .readdirSync(folder)
          .slice(0, maxFiles)
          .flatMap((name): FoundFile[] => {
            const file = path.join(folder, name);
            const stats = fs.lstatSync(file, { throwIfNoEntry: false });
            return stats?.isFile() === true ? [{ name, path: file, stats }] : [];
          });
      } catch {
        return [];
      }
    });
}

async function left({ path: file, stats }: FoundFile): Promise<LeftRecording> {
  const facts = await readRecordingFacts(file).catch(() => null);
  return { path: file, facts, endedAt: stats.mtime, bytes: stats.size };
}
