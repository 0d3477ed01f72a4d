import * as vscode from 'vscode';
import type { EngineFailure } from '../../native/index.ts';
import type { Context } from '../context.ts';
import type { StartEngine } from '../sessions/profileSession.ts';
import { elevatedStart, here } from './elevatedEngine.ts';
import { type Way, wayToRead } from './ways.ts';

type Denied = Extract<EngineFailure, { code: 'permission-denied' }>;

/** What the user made of it. */
export type Choice =
  | { readonly kind: 'elevate'; readonly start: StartEngine }
  | { readonly kind: 'pickAnother' }
  | { readonly kind: 'retry' }
  | { readonly kind: 'dismissed' }
  /** There was nothing to offer, and nothing was said. */
  | { readonly kind: 'nothing' };

/** Says why a process can't be read, and offers what helps here. */
export async function offerRights(context: Context, failure: Denied, name: string): Promise<Choice> {
  const { t } = vscode.l10n;
  const place = await here();
  const way = wayToRead(failure.reason, place);
  const text = rightsText(way, failure, name);
  if (text === null) return { kind: 'nothing' };
  const labels = {
    elevate: way === 'pkexec' ? t('Read It as Root…') : t('Read It as Root in Terminal…'),
    docker: t('Copy for Docker'),
    kubernetes: t('Copy for Kubernetes'),
    retry: t('Try Again'),
    pickAnother: t('Pick Another Process'),
  };
  const buttons = {
    pkexec: [labels.elevate, labels.pickAnother],
    terminal: [labels.elevate, labels.pickAnother],
    capability: [labels.docker, labels.kubernetes, labels.retry],
    never: [labels.pickAnother],
    none: [],
  }[way];
  for (;;) {
    switch (await vscode.window.showErrorMessage(text, ...buttons)) {
      case labels.elevate: {
        if (way !== 'pkexec' && way !== 'terminal') return { kind: 'dismissed' };
        const start = await elevatedStart(way, place, context.extension.asAbsolutePath('dist/cli.js'), failure.pid);
        return start === null ? { kind: 'retry' } : { kind: 'elevate', start };
      }
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

/** @returns null where other texts say it as well */
export function rightsText(way: Way, { reason, owner, pid }: Denied, name: string): string | null {
  const { t } = vscode.l10n;
  switch (way) {
    case 'none':
      return null;
    case 'never':
      return t('This system lets nobody read other processes’ memory, not even root, until it is started with another setting (Yama’s ptrace_scope is 3).');
    case 'capability':
      return t('This container may not read the memory of other processes: it lacks the capability SYS_PTRACE. Start it with that, then try again.');
    case 'pkexec':
    case 'terminal':
      break;
  }
  switch (reason) {
    case 'ptrace-scope':
      return t('This system lets processes read only the memory of those they started (Yama’s ptrace_scope), which {0} is not. Start it from Heatline, which needs no rights, or let Heatline open this one as root: it gives root up before it looks at anything.', name);
    case 'not-dumpable':
      return t('{0} (process {1}) is protected from being read, as programs with extra rights are. Heatline can open it as root, and gives root up before it looks at anything.', name, pid);
    case 'other-user':
      return t('{0} (process {1}) belongs to {2}, and only that user or root may read its memory. Heatline can open it as root, and gives root up before it looks at anything.', name, pid, owner ?? t('another user'));
    case 'missing-capability':
    case 'hidden':
    case 'unknown':
      return t('The system does not let you read the memory of {0} (process {1}), and does not say why. Heatline can open it as root, and gives root up before it looks at anything.', name, pid);
  }
}
