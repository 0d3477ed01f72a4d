import * as vscode from 'vscode';
import { SourceLines } from '../../native/index.ts';
import { type Place, reportOf } from '../../profile/report.ts';
import type { Context } from '../context.ts';
import { treatment } from '../hiddenFrames.ts';
import type { ProfileSource } from '../profileSource.ts';
import type { Answer } from './answer.ts';
import { reportAnswer } from './reportAnswer.ts';
import { type Counted, NoAnswer } from './toolInput.ts';

export interface SourceReportOptions {
  readonly limit: number;
  readonly count: Counted;
  /** A name, or the system's id. */
  readonly thread?: string | undefined;
  /** Sentences that go with it. */
  readonly notes?: readonly string[];
}

/**
 * The report on a profile of this window, with files where they are on this machine, and lines as they are there now.
 * @throws NoAnswer when there is no such thread
 */
export async function sourceReport(
  context: Context,
  source: ProfileSource,
  { limit, count, thread, notes = [] }: SourceReportOptions,
): Promise<Answer> {
  const { profile } = source;
  const shown = treatment();
  const report = reportOf(
    profile,
    {
      top: limit,
      idle: count !== 'running',
      gil: count === 'gil',
      ...(thread === undefined ? {} : { threads: threadsCalled(source, thread) }),
      ...(shown === undefined ? {} : { treatment: shown }),
    },
    () => null,
  );
  const files = context.filesOf(source);
  const sources = new SourceLines({ size: 4 << 20, files: limit });
  const placed = async <P extends Place>(place: P): Promise<P> => {
    const match = await files.resolve(place.file);
    return match.kind === 'found' ? { ...place, file: match.path } : place;
  };
  const lineOf = async ({ file, line }: Place): Promise<string | null> => {
    const match = await files.resolve(file);
    if (match.kind === 'found') return sources.line(match.path, null, line)?.toString('utf8').trim() ?? null;
    return match.kind === 'cell' ? openLine(match.uri, line + match.shift) : null;
  };
  return reportAnswer(
    {
      ...report,
      functions: await Promise.all(report.functions.map(placed)),
      lines: await Promise.all(report.lines.map(async (place) => ({ ...(await placed(place)), source: await lineOf(place) }))),
    },
    {
      profile: { id: source.id, title: source.title, state: source.state },
      count,
      thread,
      notes,
      others: context.sources.all.filter((other) => other !== source).map(({ id, title }) => ({ id, title })),
    },
  );
}

/** Ids of the threads of that name, or of the one with that number. */
function threadsCalled({ profile: { threads } }: ProfileSource, wanted: string): ReadonlySet<number> {
  const ids = [...threads.keys()].filter((id) => threads[id]!.name === wanted || String(threads[id]!.osThreadId) === wanted);
  if (ids.length > 0) return new Set(ids);
  const there = threads.slice(0, 20).map(({ name, osThreadId }) => `${JSON.stringify(name.slice(0, 100))} (${osThreadId})`);
  throw new NoAnswer(`There is no thread ${JSON.stringify(wanted.slice(0, 100))} in this profile; there are ${there.join(', ')}.`);
}

/** A line of a document that is open. @param line from 1 on */
function openLine(uri: string, line: number): string | null {
  const document = vscode.workspace.textDocuments.find((one) => one.uri.toString() === uri);
  return document === undefined || line < 1 || line > document.lineCount ? null : document.lineAt(line - 1).text.trim();
}
