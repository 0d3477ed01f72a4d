import { type DumpSnapshot, oldestFirst, type ThreadDump } from '../../native/index.ts';
import { type Answer, code } from './answer.ts';
import { placeText } from './reportAnswer.ts';

/** Most threads that are shown: those that run come first. */
const mostThreads = 50;

/** @param limit of frames, the innermost of each thread. @param sourceOf a line of a file, as it is on the disk */
export function stacksAnswer(snapshot: DumpSnapshot, limit: number, sourceOf: (file: string, line: number) => string | null): Answer {
  const { pid, pythonVersion, moment, threads, problems } = snapshot;
  const ordered = [...oldestFirst(threads)].sort((a, b) => Number(a.state === 'waiting') - Number(b.state === 'waiting'));
  const shown = ordered.slice(0, mostThreads).map((thread) => {
    const { osThreadId, name, state, holdsGil, collects, frames, problem } = thread;
    const [inner] = frames;
    return {
      name,
      osThreadId,
      state,
      holdsGil,
      collectsGarbage: collects,
      waitsFor: waitText(thread, threads),
      frames: frames.slice(0, limit).map(placeText),
      outerFramesLeftOut: Math.max(0, frames.length - limit),
      source: inner === undefined ? null : sourceOf(inner.file, inner.line),
      incomplete: problem,
    };
  });
  const how = moment.isInstant ? 'read at one instant' : `not of one instant: ${moment.why ?? 'it was read as it ran'}`;
  const summary = [
    `Process ${pid}, Python ${pythonVersion}, ${threads.length} threads, ${how}. Frames are innermost first.`,
    ...shown
      .slice(0, 10)
      .map(
        ({ name, osThreadId, state, holdsGil, waitsFor, frames }) =>
          `- ${code(name ?? 'Thread')} (${osThreadId}), ${state}${holdsGil ? ', holds the GIL' : ''}` +
          `${waitsFor === null ? '' : `, waits for ${code(waitsFor)}`}: ${frames[0] === undefined ? 'no Python frames' : code(frames[0])}`,
      ),
  ].join('\n');
  return {
    summary,
    data: {
      pid,
      pythonVersion,
      oneInstant: moment.isInstant,
      threads: shown,
      moreThreads: Math.max(0, threads.length - mostThreads),
      problems: problems.slice(0, mostThreads),
    },
  };
}

function waitText({ wait }: ThreadDump, threads: readonly ThreadDump[]): string | null {
  if (wait === null) return null;
  const owner = wait.owner === null ? undefined : threads[wait.owner];
  return owner === undefined ? wait.what : `${wait.what} of thread ${owner.osThreadId} (${owner.name ?? 'unnamed'})`;
}
