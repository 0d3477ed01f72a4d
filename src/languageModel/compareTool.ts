import * as vscode from 'vscode';
import { diffProfiles } from '../../profile/diff/profileDiff.ts';
import type { DiffPlace } from '../../profile/diff/diffKeys.ts';
import type { Context } from '../context.ts';
import type { ProfileSource } from '../profileSource.ts';
import { compareAnswer } from './compareAnswer.ts';
import { programOf } from './sameProgram.ts';
import type { Tool } from './tool.ts';
import { type CompareInput, NoAnswer, parseCompareInput } from './toolInput.ts';

/** Compares two profiles of this window, or the last run of a program with the one before. */
export function compareTool(context: Context): Tool<CompareInput> {
  return {
    needsTrust: false,
    parse: parseCompareInput,
    prepare: () => Promise.resolve({ invocationMessage: vscode.l10n.t('Comparing two profiles') }),
    async answer(input) {
      const { before, after, notes } = chosen(context.sources.all, input);
      const { by, lines, count } = input;
      const diff = diffProfiles(before.profile, after.profile, { by, lines, idle: count !== 'running', gil: count === 'gil' });
      for (const [source, side] of [[before, diff.before] as const, [after, diff.after] as const])
        if (side.samples === 0)
          throw new NoAnswer(
            `No sample of "${source.id}" counts${count === 'all' ? '.' : '; with "count": "all" those of waiting threads do.'}`,
          );
      const files = new Map<string, string>();
      const places = [...diff.rows, ...diff.onlyBefore, ...diff.onlyAfter].map(({ place }) => place);
      for (const file of new Set(places.map((place) => place.file))) {
        const match = await context.filesOf(after).resolve(file);
        if (match.kind === 'found') files.set(file, match.path);
      }
      const running = [before, after].filter(({ state }) => state !== 'ended');
      return compareAnswer(diff, {
        ...input,
        before: { id: before.id, title: before.title },
        after: { id: after.id, title: after.title },
        notes: [...notes, ...running.map(({ title }) => `${title} is still recorded: compared is what there is so far.`)],
        fileOf: ({ file }: DiffPlace) => files.get(file) ?? file,
      });
    },
  };
}

interface Chosen {
  readonly before: ProfileSource;
  readonly after: ProfileSource;
  readonly notes: readonly string[];
}

/**
 * Which two are compared, of the profiles in the order in which they came.
 * @throws NoAnswer
 */
export function chosen(all: readonly ProfileSource[], { before, after }: Pick<CompareInput, 'before' | 'after'>): Chosen {
  const withSamples = all.filter(({ profile }) => profile.quality.samples > 0);
  const byId = (id: string): ProfileSource => {
    const found = all.find((source) => source.id === id);
    if (found === undefined) throw new NoAnswer(`There is no profile "${id.slice(0, 100)}"; ${listText(withSamples)}.`);
    if (!withSamples.includes(found)) throw new NoAnswer(`The profile "${found.id}" has no samples; ${listText(withSamples)}.`);
    return found;
  };
  if (before !== undefined && before === after) throw new NoAnswer(`"before" and "after" are the same profile; ${listText(withSamples)}.`);
  if (before !== undefined && after !== undefined) return { before: byId(before), after: byId(after), notes: [] };
  // The other one is another run of the same program: the one right before, or the newest after it.
  const earlier = (than: ProfileSource): ProfileSource | undefined =>
    withSamples.slice(0, withSamples.indexOf(than)).findLast((one) => isSameProgram(one, than));
  if (before !== undefined) {
    const first = byId(before);
    const later = withSamples.slice(withSamples.indexOf(first) + 1).findLast((one) => isSameProgram(one, first));
    if (later === undefined) throw new NoAnswer(`There is no later profile of the program of "${first.id}"; ${listText(withSamples)}.`);
    return { before: first, after: later, notes: [sameText(first)] };
  }
  if (after !== undefined) {
    const last = byId(after);
    const found = earlier(last);
    if (found === undefined) throw new NoAnswer(`There is no earlier profile of the program of "${last.id}"; ${listText(withSamples)}.`);
    return { before: found, after: last, notes: [sameText(last)] };
  }
  for (const last of withSamples.toReversed()) {
    const found = earlier(last);
    if (found !== undefined) return { before: found, after: last, notes: [sameText(last)] };
  }
  throw new NoAnswer(
    `No program was profiled twice in this window; ${listText(withSamples)}. heatline_profile makes another one; "before" and "after" choose any two.`,
  );
}

function isSameProgram(one: ProfileSource, other: ProfileSource): boolean {
  const program = programOf(one.profile);
  return program !== null && program === programOf(other.profile);
}

function sameText({ profile }: ProfileSource): string {
  return `Both are runs of ${JSON.stringify(programOf(profile)?.slice(0, 300))}.`;
}

function listText(sources: readonly ProfileSource[]): string {
  if (sources.length === 0) return 'there is none with samples';
  return `there are ${sources
    .slice(-20)
    .map(({ id, title }) => `"${id}" (${title.slice(0, 100)})`)
    .join(', ')}`;
}
