import type { AnyCommand } from '../command.ts';
import { allowCommand } from './allow.ts';
import { completionCommand } from './completion.ts';
import { convertCommand } from './convert.ts';
import { diffCommand } from './diff.ts';
import { dumpCommand } from './dump.ts';
import { installHelperCommand, removeHelperCommand } from './installHelper.ts';
import { listCommand } from './list.ts';
import { greenletsCommand, tasksCommand } from './looks.ts';
import { mcpCommand } from './mcp.ts';
import { recordCommand } from './record.ts';
import { recoverCommand } from './recover.ts';
import { reportCommand } from './report.ts';
import { topCommand } from './top.ts';

/** All commands, in the order in which help lists them. A new one is a file here and a line of this. */
export const commands: readonly AnyCommand[] = [
  recordCommand,
  topCommand,
  dumpCommand,
  reportCommand,
  diffCommand,
  convertCommand,
  recoverCommand,
  listCommand,
  tasksCommand,
  greenletsCommand,
  mcpCommand,
  completionCommand,
  installHelperCommand,
  removeHelperCommand,
  allowCommand,
];
