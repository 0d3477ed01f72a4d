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

export const hasSamples = (count: number) => (source: ProfileSource): boolean => source.profile.quality.samples >= count;
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
