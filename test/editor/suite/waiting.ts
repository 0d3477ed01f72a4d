import type * as vscode from 'vscode';
import type { ProfileSource } from '../../../src/profileSource.ts';

/** Resolves when it is true of the source, which tells of every change. */
export async function until(source: ProfileSource, isTrue: (source: ProfileSource) => boolean): Promise<void> {
  if (isTrue(source)) return;
  await new Promise<void>((resolve) => {
    const subscription = source.onDidChange(() => {
      if (!isTrue(source)) return;
      subscription.dispose();
      resolve();
    });
  });
}

export const hasSamples =
  (count: number) =>
  (source: ProfileSource): boolean =>
    source.profile.quality.samples >= count;
/** Whether a function was seen: only then is it certain that the program has come so far, however many samples there are. */
export const hasSeen =
  (name: string) =>
  (source: ProfileSource): boolean =>
    source.profile.functions.some((func) => func.name === name);
export const hasEnded = (source: ProfileSource): boolean => source.state === 'ended';

/** The next event that fits. */
export async function event<T>(source: vscode.Event<T>, fits: (value: T) => boolean = () => true): Promise<T> {
  return new Promise((resolve) => {
    const subscription = source((value) => {
      if (!fits(value)) return;
      subscription.dispose();
      resolve(value);
    });
  });
}
