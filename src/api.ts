import type * as vscode from 'vscode';
import type { Context } from './context.ts';
import type { ProfileSource } from './profileSource.ts';
import { profileProcess } from './sessions/record.ts';

/** What the extension gives to others (`vscode.extensions.getExtension('heatline.heatline').exports`). Its tests use it too. */
export interface HeatlineApi {
  /** The profiles of this window, in the order they came. */
  readonly profiles: readonly ProfileSource[];
  /** A profile was begun or opened. */
  readonly onDidAddProfile: vscode.Event<ProfileSource>;
  /** Profiles a process as the command does, without asking which. Undefined if it can't be; the user has been told why. */
  profileProcess(pid: number): Promise<ProfileSource | undefined>;
  /** Resolves when the visible editors show the heat that is known. */
  heatSettled(): Promise<void>;
}

export function createApi(context: Context): HeatlineApi {
  return {
    get profiles() {
      return context.sources.all;
    },
    onDidAddProfile: context.sources.onDidAdd,
    profileProcess: (pid) => profileProcess(context, { pid, name: `process ${pid}` }),
    heatSettled: () => context.heat.settled(),
  };
}
