import type { PythonProcess } from '../../native/index.ts';
import { groupProcesses, scriptPath } from '../picker/processList.ts';
import { type Answer, code } from './answer.ts';

const mostProcesses = 100;

/** The processes as the picker lists them, without their arguments, in which there may be passwords. */
export function processesAnswer(processes: readonly PythonProcess[], folders: readonly string[]): Answer {
  const { workspace, others } = groupProcesses(processes, folders);
  const all = [
    ...workspace.map(({ process }) => ({ process, inWorkspace: true })),
    ...others.map(({ process }) => ({ process, inWorkspace: false })),
  ];
  const [first] = workspace;
  return {
    summary:
      all.length === 0
        ? 'No Python process was found. heatline_profile can start a script of the workspace.'
        : `${all.length} Python processes, ${workspace.length} of them of this workspace, the likeliest first` +
          `${first === undefined ? '' : `: ${first.process.pid} ${code(first.process.name)}`}.`,
    data: {
      processes: all.slice(0, mostProcesses).map(({ process, inWorkspace }) => ({
        pid: process.pid,
        parentPid: process.parentPid,
        name: process.name,
        script: scriptPath(process),
        python: process.version,
        cpuPercent: Math.round(process.cpuPercent),
        startedAt: new Date(process.startedAt).toISOString(),
        ownedByUser: process.isOwn,
        inWorkspace,
      })),
      more: Math.max(0, all.length - mostProcesses),
    },
  };
}
