import * as vscode from 'vscode';
import { SourceLines } from '../native/index.ts';
import { reportOf } from '../profile/report.ts';
import type { Context } from './context.ts';
import { localPath } from './files/localPath.ts';
import { treatment } from './hiddenFrames.ts';
import { issueText } from './issueText.ts';
import type { ProfileSource } from './profileSource.ts';

/** Lines that the report has. */
const LINES = 10;

/** Copies what was hot in a profile as Markdown. */
export async function copyForIssue(context: Context, source: ProfileSource): Promise<void> {
  const { profile } = source;
  const sources = new SourceLines({ size: 4 << 20, files: LINES });
  const shown = treatment();
  const workingDirectory = profile.processes[0]?.workingDirectory ?? null;
  const report = reportOf(
    profile,
    { top: LINES, idle: false, gil: false, ...(shown === undefined ? {} : { treatment: shown }) },
    (file, line) => {
      const path = localPath(file, workingDirectory);
      return path === undefined ? null : (sources.line(path, null, line)?.toString('utf8').trim() ?? null);
    },
  );
  const folders = [workingDirectory ?? '', ...(vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath)];
  await vscode.env.clipboard.writeText(issueText(report, folders));
  vscode.window.setStatusBarMessage(vscode.l10n.t('What was hot in {0} is copied as Markdown', source.title), 5000);
  context.log.debug(`Copied a report on ${source.title}`);
}
