import { CoreError } from '../coreDump/coreFailure.ts';
import { openCore } from '../coreDump/coreProcess.ts';
import { TargetError } from '../targetError.ts';
import type { DumpOptions, DumpSnapshot } from './dumpSnapshot.ts';
import { readCoreDump } from './readDump.ts';

/**
 * Shows all threads of a process by its core dump: one of Linux, x86-64, by the kernel or gcore, also packed with gzip or zstd.
 * @param search folders where the program's files are looked for first
 * @throws CoreError when the file can't be read, or files of the program are needed that can't be found
 * @throws TargetError when there is no Python in it, or none whose threads can be read
 */
export async function dumpCore(file: string, locals: DumpOptions['locals'], search: readonly string[]): Promise<DumpSnapshot> {
  const core = await openCore(file, search);
  try {
    return readCoreDump(core, locals);
  } catch (error) {
    const files = [...core.files.missing.values()].filter(({ why }) => why !== 'data');
    // It may be in one of these.
    if (error instanceof TargetError && error.failure.code === 'not-python' && files.length > 0)
      throw new CoreError({ code: 'missing-files', file, files });
    throw error;
  } finally {
    core.close();
  }
}
