import { locateInterpreter } from '../../../native/cpython/locate.ts';
import { openSystem } from '../../../native/os/index.ts';
import { listPythonProcesses } from '../../../native/processes.ts';
import { TargetError } from '../../../native/targetError.ts';

/** For permissions.test.ts, run as another user: looks at the processes given and says what it saw, as JSON. */
const system = await openSystem();
const seen = process.argv.slice(2).map((argument) => {
  const pid = Number(argument);
  try {
    const memory = system.openMemory(pid);
    return { version: locateInterpreter(system, memory, pid).versionText };
  } catch (error) {
    if (error instanceof TargetError) return error.failure;
    throw error;
  }
});
const listed = (await listPythonProcesses()).map(({ pid, name, version, isOwn }) => ({ pid, name, version, isOwn }));
process.stdout.write(JSON.stringify({ seen, listed }));
