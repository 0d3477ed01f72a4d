import { existsSync } from 'node:fs';
import * as vscode from 'vscode';
import type { PythonProcess } from '../../native/index.ts';
import type { Context } from '../context.ts';
import type { RunOptions } from '../launch/runOptions.ts';
import { scriptPath } from '../picker/processList.ts';
import { causeText, type Denied } from './cause.ts';
import { type ElevatedReader, elevatedReader, here } from './elevatedReader.ts';
import { type Way, wayToRead } from './ways.ts';

/** What the user made of it. */
export type Choice =
  | { readonly kind: 'elevate'; readonly reader: ElevatedReader }
  | { readonly kind: 'launch'; readonly script: vscode.Uri }
  | { readonly kind: 'pickAnother' }
  | { readonly kind: 'retry' }
  | { readonly kind: 'dismissed' }
  /** There was nothing to offer, and nothing was said. */
  | { readonly kind: 'nothing' };

/** Says why a process can't be read, and offers what helps here. */
export async function offerRights(context: Context, failure: Denied, name: string): Promise<Choice> {
  const { t } = vscode.l10n;
  const place = await here();
  const way = wayToRead(failure, place);
  if (way === 'none') return { kind: 'nothing' };
  const processes = await context.listProcesses();
  const run = failure.reason === 'ptrace-scope' ? runOf(processes.find(({ pid }) => pid === failure.pid)) : undefined;
  const labels = {
    dialog: t('Read It as Root…'),
    terminal: way === 'pkexec' ? t('In Terminal…') : t('Read It as Root in Terminal…'),
    launch: t('Start It from Heatline…'),
    docker: t('Copy for Docker'),
    kubernetes: t('Copy for Kubernetes'),
    retry: t('Try Again'),
    pickAnother: t('Pick Another Process'),
  };
  const launch = run === undefined ? [] : [labels.launch];
  const buttons = {
    pkexec: [labels.dialog, ...(place.sudo === null ? [] : [labels.terminal]), ...launch, labels.pickAnother],
    terminal: [labels.terminal, ...launch, labels.pickAnother],
    capability: [...launch, labels.docker, labels.kubernetes, labels.retry],
    never: [labels.pickAnother],
  }[way];
  const text = `${causeText(failure, name)} ${wayText(way, failure)}`;
  const elevate = async (by: 'pkexec' | 'terminal'): Promise<Choice> => {
    // Following child processes takes a part that stays root: not where there are none.
    const hasChildren = processes.some(({ parentPid }) => parentPid === failure.pid);
    const reader = await elevatedReader(by, place, { cli: context.extension.asAbsolutePath('dist/cli.js'), pid: failure.pid, hasChildren });
    return reader === null ? { kind: 'retry' } : { kind: 'elevate', reader };
  };
  for (;;) {
    switch (await vscode.window.showErrorMessage(text, ...buttons)) {
      case labels.dialog:
        return elevate('pkexec');
      case labels.terminal:
        return elevate('terminal');
      case labels.launch:
        if (run === undefined) return { kind: 'dismissed' };
        // Unless it is known already how it is run: the user sees it, and may change it, before it is.
        if (Object.keys(context.lastRuns.of(run.file)).length === 0) await context.lastRuns.remember(run.file, run.options);
        return { kind: 'launch', script: vscode.Uri.file(run.file) };
      case labels.docker:
        await vscode.env.clipboard.writeText(DOCKER);
        break; // and again, to try once the container has been started anew
      case labels.kubernetes:
        await vscode.env.clipboard.writeText(KUBERNETES);
        break;
      case labels.retry:
        return { kind: 'retry' };
      case labels.pickAnother:
        return { kind: 'pickAnother' };
      default:
        return { kind: 'dismissed' };
    }
  }
}

const DOCKER = '--cap-add=SYS_PTRACE';
const KUBERNETES = 'securityContext:\n  capabilities:\n    add: ["SYS_PTRACE"]\n';

/** What can be done about it. */
function wayText(way: Exclude<Way, 'none'>, { reason }: Denied): string {
  const { t } = vscode.l10n;
  switch (way) {
    case 'never':
      return t('That can’t be changed before the system’s next start.');
    case 'capability':
      return reason === 'missing-capability'
        ? t('Start it with that, then try again.')
        : t('Root can’t either in this container, which lacks the capability SYS_PTRACE: start it with that, then try again.');
    case 'pkexec':
    case 'terminal':
      return reason === 'ptrace-scope'
        ? t(
            'Start it from Heatline, which needs no rights, or let Heatline open this one as root: it gives root up before it looks at anything.',
          )
        : t('Heatline can open it as root, and gives root up before it looks at anything.');
  }
}

/** How a process was started, where it runs a script that is there. */
function runOf(process: PythonProcess | undefined): { readonly file: string; readonly options: RunOptions } | undefined {
  if (process === undefined) return undefined;
  const file = scriptPath(process);
  if (process.script === null || file === null || !existsSync(file)) return undefined;
  const args = process.commandLine.slice(process.commandLine.indexOf(process.script) + 1);
  return { file, options: { args, ...(process.workingDirectory === null ? {} : { workingDirectory: process.workingDirectory }) } };
}
