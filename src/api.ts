import type { Context } from './context.ts';
import type { ProfileSource } from './profileSource.ts';
import { profileProcess } from './sessions/record.ts';

/** What the extension gives to others (`vscode.extensions.getExtension('heatline.heatline').exports`). Its tests use it too. */
export interface HeatlineApi {
  /** The profiles of this window, in the order they came. */
  readonly profiles: readonly ProfileSource[];
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
    profileProcess: (pid) => profileProcess(context, { pid, name: `process ${pid}` }),
    heatSettled: () => context.heat.settled(),
  };
}
