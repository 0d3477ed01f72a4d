import { CoreError } from './coreDump/coreFailure.ts';
import { openCoreFile } from './coreDump/coreFile.ts';
import { CoreProcess } from './coreDump/coreProcess.ts';
import type { DumpOptions, DumpSnapshot } from './dump/dumpSnapshot.ts';
import { readCoreDump } from './dump/readDump.ts';
import { TargetError } from './targetError.ts';
import type { GreenletSnapshot } from './tasks/greenletSnapshot.ts';
import { readGreenlets } from './tasks/readGreenlets.ts';
import { readTasks } from './tasks/readTasks.ts';
import type { TaskSnapshot } from './tasks/taskSnapshot.ts';

/**
 * A core dump, to be looked at as a process is. What looks throws a TargetError when there is no Python in it, or what was asked for
 * can't be seen, and a CoreError when files of the program are needed that can't be found.
 */
export interface OpenCore {
  readonly pid: number;
  dump(locals: DumpOptions['locals']): DumpSnapshot;
  tasks(): TaskSnapshot;
  greenlets(): GreenletSnapshot;
  close(): void;
}

/**
 * Opens the core dump of a process: one of Linux on x86-64, by the kernel or gcore, also packed with gzip or zstd.
 * @param search folders where the program's files are looked for first
 * @throws CoreError (rejects) when it can't be read
 */
export async function openCore(file: string, search: readonly string[]): Promise<OpenCore> {
  const core = new CoreProcess(await openCoreFile(file), search);
  const looked = <Result>(look: () => Result): Result => {
    try {
      return look();
    } catch (error) {
      if (!(error instanceof TargetError)) throw error;
      if (core.cutOff > 0)
        throw new CoreError({
          code: 'damaged',
          file,
          detail: `${core.cutOff} bytes are missing at its end, and the rest is not enough to find Python’s threads. See ulimit -c, and the room on the disk`,
        });
      const files = [...core.files.missing.values()].filter(({ why }) => why !== 'data');
      // It may be in one of these.
      if (error.failure.code === 'not-python' && files.length > 0) throw new CoreError({ code: 'missing-files', file, files });
      throw error;
    }
  };
  return {
    pid: core.pid,
    dump: (locals) => looked(() => readCoreDump(core, file, locals)),
    tasks: () => looked(() => readTasks(core, core.pid)),
    greenlets: () => looked(() => readGreenlets(core, core.pid)),
    close: () => core.close(),
  };
}
