import * as vscode from 'vscode';
import { lookAtThreads, SourceLines } from '../../native/index.ts';
import type { Context } from '../context.ts';
import { foreignRoot } from '../files/resolveFile.ts';
import { localPath } from '../files/localPath.ts';
import { sourceInFront } from '../flameGraph/panel.ts';
import { compareTool } from './compareTool.ts';
import { goesToModel } from './confirmation.ts';
import { processesAnswer } from './processesAnswer.ts';
import { profileTool } from './profileTool.ts';
import { sourceReport } from './sourceReport.ts';
import { stacksAnswer } from './stacksAnswer.ts';
import { answerOf, Cancelled, preparationOf, type Tool, type ToolHost } from './tool.ts';
import { NoAnswer, parseListInput, parseReportInput, parseStacksInput, type ReportInput, type StacksInput } from './toolInput.ts';

/** Registers the tools that the manifest declares: agents call them, the user confirms what starts or reads a program. */
export function registerTools(context: Context): vscode.Disposable {
  // Editors made from VS Code may leave language models out.
  const { lm } = vscode as Partial<Pick<typeof vscode, 'lm'>>;
  if (typeof lm?.registerTool !== 'function') return new vscode.Disposable(() => undefined);
  const host: ToolHost = {
    isTrusted: () => vscode.workspace.isTrusted,
    log: (error) => context.log.error(error instanceof Error ? error : String(error)),
  };
  return vscode.Disposable.from(
    lm.registerTool('heatline_list_processes', toolOf(listTool(context), host)),
    lm.registerTool('heatline_profile', toolOf(profileTool(context), host)),
    lm.registerTool('heatline_report', toolOf(reportTool(context), host)),
    lm.registerTool('heatline_compare', toolOf(compareTool(context), host)),
    lm.registerTool('heatline_stacks', toolOf(stacksTool(context), host)),
  );
}

function toolOf<Input>(tool: Tool<Input>, host: ToolHost): vscode.LanguageModelTool<object> {
  return {
    prepareInvocation: ({ input }) => preparationOf(tool, input, host),
    async invoke({ input }, token) {
      try {
        const texts = await answerOf(tool, input, token, host);
        return new vscode.LanguageModelToolResult(texts.map((text) => new vscode.LanguageModelTextPart(text)));
      } catch (error) {
        if (error instanceof Cancelled) throw new vscode.CancellationError();
        throw error;
      }
    },
  };
}

function listTool(context: Context): Tool<object> {
  return {
    needsTrust: true,
    parse: parseListInput,
    prepare: () => Promise.resolve({ invocationMessage: vscode.l10n.t('Listing Python processes') }),
    async answer() {
      const folders = (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath);
      return processesAnswer(await context.listProcesses(), folders);
    },
  };
}

function reportTool(context: Context): Tool<ReportInput> {
  return {
    needsTrust: false,
    parse: parseReportInput,
    prepare: () => Promise.resolve({ invocationMessage: vscode.l10n.t('Reading a profile') }),
    async answer({ profile, thread, limit, count }) {
      const { sources } = context;
      const source = profile === undefined ? (sources.get(sourceInFront() ?? '') ?? sources.all.at(-1)) : sources.get(profile);
      if (source !== undefined) return sourceReport(context, source, { limit, count, thread });
      const ids = sources.all.map(({ id }) => `"${id}"`);
      throw new NoAnswer(
        ids.length === 0
          ? 'There is no profile in this window. heatline_profile makes one.'
          : `There is no such profile; there are ${ids.slice(-20).join(', ')}.`,
      );
    },
  };
}

function stacksTool({ config }: Context): Tool<StacksInput> {
  return {
    needsTrust: true,
    parse: parseStacksInput,
    prepare({ pid }) {
      const { t } = vscode.l10n;
      const message = new vscode.MarkdownString().appendText(
        t('Heatline reads once from the memory of process {0} where its threads are. The process is neither changed nor restarted.', pid),
      );
      return Promise.resolve({
        invocationMessage: t('Looking at the threads of process {0}', pid),
        confirmationMessages: { title: t('Look at the threads of a running process?'), message: goesToModel(message) },
      });
    },
    async answer({ pid, frames }, token) {
      const controller = new AbortController();
      const subscription = token.onCancellationRequested(() => controller.abort(new Cancelled()));
      try {
        // Where another file tree is looked into, names of files mean other files here.
        const [snapshot, foreign] = await Promise.all([lookAtThreads(pid, config.maxStopped === 0, controller.signal), foreignRoot(pid)]);
        const sources = new SourceLines();
        return stacksAnswer(snapshot, frames, (file, line) => {
          const path = foreign === null ? localPath(file, snapshot.workingDirectory) : undefined;
          return path === undefined ? null : (sources.line(path, null, line)?.toString('utf8').trim() ?? null);
        });
      } finally {
        subscription.dispose();
      }
    },
  };
}
