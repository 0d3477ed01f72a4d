import * as vscode from 'vscode';
import type { Context } from '../context.ts';
import { isEntry } from '../history/history.ts';
import { entryFacts } from '../history/historyEntries.ts';
import type { HistoryEntry } from '../history/historyStore.ts';
import { Format } from '../format.ts';
import { programOf } from '../languageModel/sameProgram.ts';
import type { ProfileSource } from '../profileSource.ts';
import { chooserFacts, latestFirst } from '../sessions/sourceFacts.ts';
import { type PanelSide, showComparison } from './comparePanel.ts';

type Comparable = ProfileSource | HistoryEntry;

/**
 * Compares two profiles: those that are selected in the view, or the given one with another that the user chooses. The one that was
 * recorded first is "before".
 */
export async function compareTwo(context: Context, given: unknown, selected: unknown): Promise<void> {
  const { t } = vscode.l10n;
  const all: readonly Comparable[] = [...latestFirst(context.sources.all).filter(hasSamples), ...context.history.others];
  const wanted = (Array.isArray(selected) ? selected : [given]).map((one) => find(all, one)).filter((one) => one !== undefined);
  if (wanted.length === 2) return show(context, wanted[0]!, wanted[1]!);
  if (all.length < 2) {
    void vscode.window.showInformationMessage(
      t('Two profiles are needed to compare. Profile the program once more, or open a saved profile.'),
    );
    return undefined;
  }
  const one = wanted[0] ?? (await pick(all, t('Which profile is to be compared?')));
  if (one === undefined) return undefined;
  const other = await pick(
    all.filter((candidate) => candidate !== one),
    t('With which profile is {0} to be compared?', nameOf(one)),
  );
  return other === undefined ? undefined : show(context, one, other);
}

/** Compares a profile with the one that was recorded of the same program right before it, in this window or another. */
export async function compareWithLast(context: Context, source: ProfileSource): Promise<void> {
  const { t } = vscode.l10n;
  const program = programOf(source.profile);
  const startedAt = source.profile.startedAtEpoch;
  const earlier = [...context.sources.all.filter(hasSamples), ...context.history.others]
    .filter((one) => one !== source && startOf(one) < startedAt)
    .filter((one) => program !== null && (isEntry(one) ? one.program : programOf(one.profile)) === program)
    .sort((a, b) => startOf(b) - startOf(a));
  if (earlier[0] === undefined) {
    void vscode.window.showInformationMessage(
      t('There is no earlier profile of {0}. Profile it once more after a change, then compare.', source.title),
    );
    return;
  }
  await show(context, earlier[0], source);
}

/** Compares the range of time that a profile's pages show with another part of the same recording. */
export async function compareRange(context: Context, source: ProfileSource): Promise<void> {
  const { t } = vscode.l10n;
  const { range } = context.samples.of(source);
  if (range === null) {
    void vscode.window.showInformationMessage(t('Choose a range first: drag over the time line above the flame graph.'));
    return;
  }
  const format = new Format(vscode.env.language);
  const end = source.profile.quality.elapsed + 1;
  const parts = [
    { label: t('What came before it'), range: { start: 0, end: range.start } },
    { label: t('What came after it'), range: { start: range.end, end: Math.max(end, range.end + 1) } },
    { label: t('The whole recording'), range: { start: 0, end: Math.max(end, range.end + 1) } },
  ]
    .filter((part) => part.range.end > part.range.start)
    .map((part) => ({ ...part, description: t('{0} to {1}', format.time(part.range.start), format.time(part.range.end)) }));
  const title = t('Compare {0} to {1} with', format.time(range.start), format.time(range.end));
  const part = await vscode.window.showQuickPick(parts, { title });
  if (part === undefined) return;
  const side = (of: typeof range): PanelSide => ({
    source,
    profile: source.profile,
    title: t('{0}, {1} to {2}', source.title, format.time(of.start), format.time(of.end)),
    range: of,
  });
  showComparison(context, side(part.range), side(range));
}

async function show(context: Context, one: Comparable, other: Comparable): Promise<void> {
  const [before, after] = startOf(one) <= startOf(other) ? [one, other] : [other, one];
  showComparison(context, await sideOf(context, before), await sideOf(context, after));
}

async function sideOf(context: Context, one: Comparable): Promise<PanelSide> {
  const source = isEntry(one) ? await context.history.read(one) : one;
  const format = new Format(vscode.env.language);
  return { source, profile: source.profile, title: `${nameOf(one)}, ${format.moment(startOf(one), Date.now())}` };
}

async function pick(all: readonly Comparable[], placeHolder: string): Promise<Comparable | undefined> {
  const items = all.map((one) => ({
    label: nameOf(one),
    ...(isEntry(one) ? { description: entryFacts(one).join(' · ') } : chooserFacts(one)),
    one,
  }));
  return (await vscode.window.showQuickPick(items, { placeHolder, matchOnDescription: true, matchOnDetail: true }))?.one;
}

function find(all: readonly Comparable[], given: unknown): Comparable | undefined {
  return all.find((one) => one === given || one.id === given || (isEntry(one) && isEntry(given) && one.id === given.id));
}

function nameOf(one: Comparable): string {
  return isEntry(one) ? one.name : one.title;
}

function startOf(one: Comparable): number {
  return isEntry(one) ? one.startedAt : one.profile.startedAtEpoch;
}

function hasSamples({ profile }: ProfileSource): boolean {
  return profile.quality.samples > 0;
}
