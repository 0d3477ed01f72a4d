import * as vscode from 'vscode';
import { createApi, type HeatlineApi } from './api.ts';
import { registerCommands } from './commands.ts';
import { Context } from './context.ts';
import { keepContextKeys } from './contextKeys.ts';
import { ExactLensProvider } from './exact/exactLens.ts';
import { ExplorerHeat } from './heat/explorerHeat.ts';
import { HeatHoverProvider } from './heat/heatHoverProvider.ts';
import { StaleLensProvider } from './heat/staleLens.ts';
import { registerMcpServer } from './languageModel/mcpServer.ts';
import { registerTools } from './languageModel/registerTools.ts';
import { ScriptLensProvider } from './launch/scriptLens.ts';
import { SamplesItem } from './samples/samplesItem.ts';
import { SavedProfileEditor } from './sessions/savedProfileEditor.ts';
import { SessionsView } from './sessions/sessionsView.ts';
import { StatusBar } from './sessions/statusBar.ts';
import { TaskProvider } from './tasks/taskProvider.ts';
import { TestLensProvider } from './tests/testLens.ts';

let active: Context | undefined;

/** Registers; whatever costs anything waits until it is asked for. */
export function activate(extension: vscode.ExtensionContext): HeatlineApi {
  const context = new Context(extension);
  active = context;
  const view = new SessionsView(context);
  const scriptLens = new ScriptLensProvider(context.config);
  const exactLens = new ExactLensProvider(context);
  const staleLens = new StaleLensProvider(context);
  const testLens = new TestLensProvider(context.config);
  extension.subscriptions.push(
    registerCommands(context),
    keepContextKeys(context),
    new StatusBar(context.sources),
    new SamplesItem(context.heat, context.samples),
    view,
    context.heat.onDidChange(() => view.refresh()),
    context.samples.onDidChange(() => view.refresh()),
    vscode.languages.registerHoverProvider(
      [{ language: 'python' }, { pattern: '**/*.{py,pyw,pyx}' }],
      new HeatHoverProvider(context.heat, context.config, context.samples),
    ),
    SavedProfileEditor.register(context),
    scriptLens,
    vscode.languages.registerCodeLensProvider({ language: 'python', scheme: 'file' }, scriptLens),
    TaskProvider.register(context),
    registerTools(context),
    registerMcpServer(context),
    new ExplorerHeat({
      heat: context.heat,
      sources: context.sources,
      config: context.config,
      filesOf: (source) => context.filesOf(source),
      timesOf: (source) => context.timesOf(source),
      log: context.log,
    }),
    staleLens,
    vscode.languages.registerCodeLensProvider({ language: 'python', scheme: 'file' }, staleLens),
    exactLens,
    vscode.languages.registerCodeLensProvider({ language: 'python', scheme: 'file' }, exactLens),
    testLens,
    vscode.languages.registerCodeLensProvider({ language: 'python', scheme: 'file' }, testLens),
  );
  void context.keptSessions.restore();
  return createApi(context);
}

/** VS Code waits for this before the window closes, for some seconds. */
export async function deactivate(): Promise<void> {
  await active?.keptSessions.close();
}
