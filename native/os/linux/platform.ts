import type { Elevation } from '../elevation.ts';
import type { Platform } from '../platform.ts';
import { userIdsOf } from './access.ts';
import { changeableByOthers } from './changeable.ts';
import { dropPrivileges } from './dropPrivileges.ts';
import { askingEnvironment, elevationFacts, endOf, inEnvironment, sudoPath } from './elevation.ts';
import { closeGrant, filesPerGrant, openGrant } from './grant.ts';
import { GrantedSystem } from './grantedSystem.ts';
import { installedHelper, installHelper, removeHelper } from './installedHelper.ts';
import { canExecute, dieBy, executeAllowing, onlyParentsMayRead, terminalSignals, withParentsFileLimit } from './launch.ts';
import { executionOf, LinuxSystem } from './linux.ts';
import { isPipe, makePipePair, openPipe } from './namedPipe.ts';
import { limitWaiting, makeSocketPair, receive, send } from './passFiles.ts';
import { readStat } from './procFiles.ts';

const elevation: Elevation = {
  facts: elevationFacts,
  sudoPath,
  inEnvironment,
  askingEnvironment,
  endOf,
  changeableByOthers: (file) => changeableByOthers(file),
  isElevated: () => process.geteuid?.() === 0,
  giveUp: dropPrivileges,
  grants: {
    handleCount: filesPerGrant,
    open: openGrant,
    close: closeGrant,
    userIds: userIdsOf,
    origin(pid) {
      const stat = readStat(pid);
      return stat && { startTime: stat.startTicks, parentPid: stat.parentPid };
    },
    execution: executionOf,
    openSystem: (first, request) => new GrantedSystem(first, request),
  },
  parcels: { makeSocketPair, limitWaiting, send, receive },
  installation: {
    program: (protocol) => installedHelper(protocol),
    install: (cli, protocol) => installHelper(cli, protocol),
    remove: () => removeHelper(),
  },
};

let system: LinuxSystem | null = null;

export const linuxPlatform: Platform = {
  openSystem: () => (system ??= new LinuxSystem()),
  elevation,
  launching: { withParentsFileLimit, dieBy, terminalSignals, executeAllowing, canExecute, onlyParentsMayRead },
  pipes: { makePair: makePipePair, open: openPipe, isPipe },
};
