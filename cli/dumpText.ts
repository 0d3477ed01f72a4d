import {
  type CoreRecord,
  type DumpSnapshot,
  type FrameRecord,
  type LocalRecord,
  type NativeFrameRecord,
  oldestFirst,
  type SourceLines,
  type ThreadDump,
  waitRings,
} from '../native/index.ts';
import { signalText } from './coreText.ts';
import { printable } from './taskText.ts';

/** Longest line of source that is shown, characters; most frames of a stack: the innermost and the outermost of them. */
const limits = { source: 160, inner: 60, outer: 20 };

/** Which native frames are shown; program: not the interpreter's own. */
export type ShownNative = 'none' | 'program' | 'all';

type NameOf = (file: string) => string;

/** All threads of a process for a terminal, as py-spy shows them. @param fileName how a file is called */
export function dumpText(snapshot: DumpSnapshot, source: SourceLines, fileName: NameOf, native: ShownNative): string {
  const { pid, commandLine, pythonVersion, executable, moment, threads, problems, workingDirectory, core } = snapshot;
  const how =
    core !== null
      ? coreLine(core, snapshot)
      : moment.isInstant
        ? moment.how === 'paused'
          ? `Read at one instant, for which the program stood still ${moment.pause} µs.`
          : 'Read at one instant: no thread ran.'
        : `Not of one instant: ${moment.why ?? ''}. What changed meanwhile is marked.`;
  const lines = [
    `Process ${pid}: ${commandLine.join(' ')}`,
    `Python v${pythonVersion}${executable === null ? '' : ` (${executable})`}`,
    how,
    ...(core === null || core.unchecked.length === 0 ? [] : [uncheckedText(core)]),
    ...problems.map((problem) => `Not read whole: ${problem}.`),
    ...waitRings(threads).map((ring) => ringText(ring.map((index) => threads[index]!))),
    '',
  ];
  const several = new Set(threads.map(({ interpreterId }) => interpreterId)).size > 1;
  for (const thread of oldestFirst(threads)) {
    lines.push(threadLine(thread, several), ...waitLines(thread, threads));
    if (thread.frames.length === 0 && thread.problem === null) lines.push('    (no Python frames)');
    addFrames(lines, shownFrames(thread, native), (frame) =>
      'file' in frame ? frameLines(frame, source, workingDirectory, fileName) : [nativeLine(frame)],
    );
    if (thread.native !== null && thread.native.problem !== null) lines.push(`    … ${thread.native.problem}`);
    if (thread.problem !== null) lines.push(`    … ${thread.problem}`);
  }
  return `${lines.map(printable).join('\n')}\n`;
}

/** What a core dump was written for. */
function coreLine({ file, signal }: CoreRecord, { pid, threads }: DumpSnapshot): string {
  if (signal === null) return `Core dump ${file}, written while the program lived.`;
  const thread = threads.find(({ osThreadId }) => osThreadId === signal.threadId);
  const name = thread === undefined ? ', which ran no Python,' : thread.name === null ? '' : ` (${thread.name})`;
  return `Core dump ${file}: thread ${signal.threadId}${name} got ${signalText(signal, pid)}.`;
}

/** A dump without the beginnings of files, which the kernel can be told to leave out (coredump_filter, core(5)). */
export function uncheckedText({ unchecked: [first, ...others] }: CoreRecord): string {
  const more = others.length === 0 ? '' : ` and ${others.length} more`;
  return `Nothing in the dump tells whether ${first ?? ''}${more} ${others.length === 0 ? 'is still the file' : 'are still the files'} that ran.`;
}

function threadLine({ osThreadId, name, state, holdsGil, collects, interpreterId, pythonThreadId }: ThreadDump, several: boolean): string {
  const states = [
    state === 'waiting' ? 'idle' : state === 'ready' ? 'ready' : 'active',
    ...(holdsGil ? ['gil'] : []),
    ...(collects ? ['gc'] : []),
  ];
  const interpreter = several ? `, interpreter ${interpreterId}` : '';
  return `Thread ${osThreadId} (${states.join('+')}): ${name === null ? '(unnamed)' : `"${name}"`}  ident ${pythonThreadId}${interpreter}`;
}

/** Threads of which each waits for the next one, and the last for the first. */
function ringText(ring: readonly ThreadDump[]): string {
  const names = [...ring, ring[0]!].map(({ osThreadId, name }) => `thread ${osThreadId} (${name ?? 'unnamed'})`);
  return `Deadlock, none of these will go on: ${names.join(' waits for ')}.`;
}

function waitLines({ wait }: ThreadDump, threads: readonly ThreadDump[]): string[] {
  if (wait === null) return [];
  const owner = wait.owner === null ? undefined : threads[wait.owner];
  const whom =
    owner === undefined ? `: ${wait.why ?? 'it is not known for whom'}` : ` of thread ${owner.osThreadId} (${owner.name ?? 'unnamed'})`;
  return [`    waits for ${wait.what}${whom}`];
}

type ShownFrame = FrameRecord | NativeFrameRecord;

/** A thread's frames as they are shown, the innermost first. */
export function shownFrames({ frames, native }: ThreadDump, shown: ShownNative): readonly ShownFrame[] {
  if (native === null) return frames;
  return native.frames
    .filter((frame) => typeof frame === 'number' || shown === 'all' || !frame.isInterpreters)
    .map((frame) => (typeof frame === 'number' ? frames[frame]! : frame));
}

/** Told apart by the mark before it. */
function nativeLine({ function: name, library, source, line, isInlined, isGuessed }: NativeFrameRecord): string {
  const place = source === null ? '' : `${libraryName(source)}${line > 0 ? `:${line}` : ''}, `;
  return `    · ${name} (${place}${libraryName(library)})${isInlined ? '  inlined' : ''}${isGuessed ? '  guessed' : ''}`;
}

/** The last part of a library's path. */
export function libraryName(library: string | null): string {
  return library === null ? 'no file' : library.slice(library.lastIndexOf('/') + 1);
}

function addFrames(lines: string[], frames: readonly ShownFrame[], show: (frame: ShownFrame) => string[]): void {
  const hidden = frames.length - limits.inner - limits.outer;
  for (const [i, frame] of frames.entries()) {
    if (hidden > 1 && i >= limits.inner && i < limits.inner + hidden) {
      if (i === limits.inner) lines.push(`    … ${hidden} more`);
      continue;
    }
    lines.push(...show(frame));
  }
}

function frameLines(frame: FrameRecord, source: SourceLines, folder: string | null, fileName: NameOf): string[] {
  const { function: name, file, line, locals } = frame;
  const lines = [`    ${name} (${fileName(file)}${line > 0 ? `:${line}` : ''})`];
  lines.push(...sourceLines(frame, source.line(file, folder, line)));
  for (const [title, isArgument] of [
    ['Arguments', true],
    ['Locals', false],
  ] as const) {
    const shown = locals?.filter((local) => local.isArgument === isArgument) ?? [];
    if (shown.length > 0) lines.push(`        ${title}:`, ...shown.map(localLine));
  }
  return lines;
}

function localLine({ name, text, kind }: LocalRecord): string {
  return `            ${name}: ${text}${kind === 'free' ? '  (of an outer function)' : ''}`;
}

/** The line that is executed, without its indentation, and below it where in it the expression is. */
function sourceLines({ expression, line }: FrameRecord, bytes: Buffer | null): string[] {
  if (bytes === null) return [];
  const whole = bytes.toString('utf8');
  const text = whole.trim();
  if (text === '') return [];
  const shown = text.length > limits.source ? `${text.slice(0, limits.source)}…` : text;
  const result = [`        ${shown.replaceAll('\t', ' ')}`];
  if (expression?.line !== line) return result;
  const indentation = whole.length - whole.trimStart().length;
  // Columns count bytes.
  const column = (at: number): number => bytes.subarray(0, at).toString('utf8').length - indentation;
  const start = Math.max(0, column(expression.start));
  const end = Math.min(shown.length, expression.endLine > line ? shown.length : column(expression.end));
  if (end > start && !(start === 0 && end >= text.length)) result.push(`        ${' '.repeat(start)}${'^'.repeat(end - start)}`);
  return result;
}
