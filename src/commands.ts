import * as vscode from 'vscode';
import type { LookKind } from '../native/index.ts';
import { compareRange, compareTwo, compareWithLast } from './compare/compareCommands.ts';
import type { Context } from './context.ts';
import { copyForIssue } from './copyForIssue.ts';
import { profileLaunchConfiguration } from './debugging/profileLaunchConfiguration.ts';
import { sourceInFront, tellPageInFront } from './flameGraph/panel.ts';
import { goToHottestLine } from './goToHottestLine.ts';
import { countExactly } from './exact/countExactly.ts';
import { goToHotLine } from './heat/hotLines.ts';
import { deleteEntries, exportEntry, openEntry, pinEntry, renameEntry } from './history/historyCommands.ts';
import { profileModule, profileScript } from './launch/profileScript.ts';
import { profileScriptWith } from './launch/profileScriptWith.ts';
import { profileCell, profileKernel } from './notebooks/profileNotebook.ts';
import { openDocumentation } from './openDocumentation.ts';
import type { ProfileSource } from './profileSource.ts';
import { chooseSource } from './sessions/chooseSource.ts';
import { openProfile } from './sessions/openProfile.ts';
import { ProfileSession, type Target } from './sessions/profileSession.ts';
import { profileProcess } from './sessions/record.ts';
import { savePicture } from './sessions/savePicture.ts';
import { exportProfile, saveProfile } from './sessions/saveProfile.ts';
import { showSessionMenu } from './sessions/sessionMenu.ts';
import { openInSpeedscope } from './speedscope/speedscopePanel.ts';
import { profileTest } from './tests/profileTest.ts';

/** Arguments come from menus, links, key bindings and other extensions: anything may be in them. */
type Command = (context: Context, ...args: unknown[]) => unknown;

/**
 * Every command of the manifest, and those that only links, menus and rows of views run (openFrame, chooseLookNode, sessionMenu,
 * openSettings).
 */
const commands: Readonly<Record<string, Command>> = {
  'heatline.profileProcess': (context, pid) => profileProcess(context, isPid(pid) ? targetOf(context, pid) : undefined),

  'heatline.profileScript': (context, uri) => profileScript(context, uriOf(uri)),
  'heatline.profileScriptWith': (context, uri) => profileScriptWith(context, uriOf(uri)),
  'heatline.profileModule': (context) => profileModule(context),
  'heatline.countExactly': (context, uri) => countExactly(context, uriOf(uri)),
  'heatline.profileCell': (context, cell) => profileCell(context, cell),
  'heatline.profileKernel': (context, notebook) => profileKernel(context, notebook),
  'heatline.profileTest': (context, given, names) => profileTest(context, given, names),

  'heatline.profileLaunchConfiguration': (context) => profileLaunchConfiguration(context),
  'heatline.profileDebugSession': ({ debugSessions }, ...args) => debugSessions.profile(debugSessions.sessionOf(args)),
  'heatline.profileWithoutDebugging': ({ debugSessions }, ...args) => debugSessions.profileWithoutDebugging(debugSessions.sessionOf(args)),

  'heatline.stop': withSource(isActive, (_context, session) => session.stop()),
  'heatline.pause': withSource(isIn('running'), (_context, session) => session.pause()),
  'heatline.resume': withSource(isIn('paused'), (_context, session) => session.resume()),
  'heatline.discard': withSource(isAny, discard),
  'heatline.discardEnded': (context) => discardEnded(context),
  'heatline.save': withSource(isAny, (_context, source) => saveProfile(source)),
  'heatline.export': withSource(isAny, (_context, source) => exportProfile(source)),
  'heatline.copyForIssue': withSource(isAny, copyForIssue),
  'heatline.savePicture': withSource(isAny, savePicture),
  'heatline.openInSpeedscope': withSource(isAny, openInSpeedscope),
  'heatline.openProfile': (_context, uri) => openProfile(uriOf(uri)),

  'heatline.compare': (context, given, selected) => compareTwo(context, given, selected),
  'heatline.compareWithLast': withSource(isAny, compareWithLast),
  'heatline.compareRange': withSource(isAny, compareRange),

  'heatline.openFromHistory': (context, entry) => openEntry(context, entry),
  'heatline.exportFromHistory': (context, entry) => exportEntry(context, entry),
  'heatline.deleteFromHistory': (context, entry, selected) => deleteEntries(context, entry, selected),
  'heatline.renameProfile': (context, node) => renameEntry(context, node),
  'heatline.pinProfile': (context, node) => pinEntry(context, node, true),
  'heatline.unpinProfile': (context, node) => pinEntry(context, node, false),

  'heatline.showFlameGraph': withSource(isAny, (context, source) => context.showFlameGraph(source)),

  'heatline.focusSubtree': () => tellPageInFront({ type: 'act', action: 'focusSubtree' }),
  'heatline.focusFunction': () => tellPageInFront({ type: 'act', action: 'focusFunction' }),
  'heatline.dropSubtree': () => tellPageInFront({ type: 'act', action: 'dropSubtree' }),
  'heatline.dropFunction': () => tellPageInFront({ type: 'act', action: 'dropFunction' }),
  'heatline.mergeFunction': () => tellPageInFront({ type: 'act', action: 'mergeFunction' }),
  'heatline.collapseRecursion': () => tellPageInFront({ type: 'act', action: 'collapseRecursion' }),
  'heatline.hideLibrary': () => tellPageInFront({ type: 'act', action: 'hideLibrary' }),
  'heatline.foldLibrary': () => tellPageInFront({ type: 'act', action: 'foldLibrary' }),
  'heatline.sandwich': () => tellPageInFront({ type: 'act', action: 'sandwich' }),
  'heatline.onlyMyCode': () => tellPageInFront({ type: 'act', action: 'onlyMyCode' }),
  'heatline.undoStep': () => tellPageInFront({ type: 'act', action: 'undoStep' }),
  'heatline.copyView': () => tellPageInFront({ type: 'act', action: 'copyView' }),
  'heatline.pasteView': async () => tellPageInFront({ type: 'view', text: await vscode.env.clipboard.readText() }),

  'heatline.showStacks': (context, given, name) => context.looks.look('threads', targetOf(context, given, name)),
  'heatline.showDebugSessionStacks': ({ debugSessions }, ...args) => debugSessions.showStacks(debugSessions.sessionOf(args)),
  'heatline.openCoreDump': ({ looks }, uri) => looks.openCore(uriOf(uri)),
  'heatline.refreshStacks': ({ looks }) => looks.refresh('threads'),
  'heatline.followStacks': ({ looks }) => looks.follow(true),
  'heatline.unfollowStacks': ({ looks }) => looks.follow(false),
  'heatline.showVariables': ({ looks }) => looks.showVariables(true),
  'heatline.hideVariables': ({ looks }) => looks.showVariables(false),
  'heatline.foldStacks': ({ looks }) => looks.fold(true),
  'heatline.unfoldStacks': ({ looks }) => looks.fold(false),
  'heatline.copyStacks': ({ looks }, node) => looks.copy('threads', node),
  'heatline.closeStacks': ({ looks }) => looks.close('threads'),

  'heatline.showTasks': (context, given) => context.looks.look('tasks', targetOf(context, given)),
  'heatline.showGreenlets': (context, given) => context.looks.look('greenlets', targetOf(context, given)),
  'heatline.refreshTasks': ({ looks }) => looks.refresh('tasks'),
  'heatline.refreshGreenlets': ({ looks }) => looks.refresh('greenlets'),
  'heatline.copyTasks': ({ looks }, node) => looks.copy('tasks', node),
  'heatline.copyGreenlets': ({ looks }, node) => looks.copy('greenlets', node),
  'heatline.closeTasks': ({ looks }) => looks.close('tasks'),
  'heatline.closeGreenlets': ({ looks }) => looks.close('greenlets'),
  'heatline.chooseLookNode': ({ looks }, kind, id) =>
    isLookKind(kind) && typeof id === 'string' ? looks.view(kind)?.choose(id) : undefined,

  'heatline.showHeat': withSource(isAny, (context, source) => {
    context.heat.isEnabled = true;
    context.showHeat(source);
  }),
  'heatline.readNative': ({ config }) => config.setNative(true),
  'heatline.leaveNative': ({ config }) => config.setNative(false),

  'heatline.toggleHeat': (context) => {
    context.heat.isEnabled = !context.heat.isEnabled;
  },
  'heatline.clearHeat': (context) => {
    context.heat.clear();
    context.diffHeat.clear();
  },
  'heatline.nextHotLine': (context) => goToHotLine(context, 1),
  'heatline.previousHotLine': (context) => goToHotLine(context, -1),
  'heatline.goToHottestLine': withSource(isAny, goToHottestLine),

  'heatline.openFrame': (context, id, file, line) => {
    const source = typeof id === 'string' ? context.sources.get(id) : undefined;
    if (source === undefined || typeof file !== 'string' || typeof line !== 'number' || !Number.isSafeInteger(line)) return undefined;
    return context.openFrame(source, file, line);
  },
  'heatline.sessionMenu': withSource(isActive, showSessionMenu),
  'heatline.openDocumentation': (context) => openDocumentation(context),
  'heatline.openSettings': () => vscode.commands.executeCommand('workbench.action.openSettings', '@ext:heatline.heatline'),
};

/** Registers all commands; what one of them throws is shown and logged. */
export function registerCommands(context: Context): vscode.Disposable {
  return vscode.Disposable.from(
    ...Object.entries(commands).map(([id, command]) =>
      vscode.commands.registerCommand(id, async (...args: unknown[]) => {
        try {
          return await command(context, ...args);
        } catch (error) {
          context.log.error(id, error);
          void vscode.window.showErrorMessage(
            vscode.l10n.t('Heatline failed: {0}', error instanceof Error ? error.message : String(error)),
          );
          return undefined;
        }
      }),
    ),
  );
}

/** A command on a profile: the one it is given (by id, or from the view), else the only one that fits, else one that the user chooses. */
function withSource<T extends ProfileSource>(
  fits: (source: ProfileSource) => source is T,
  run: (context: Context, source: T) => unknown,
): Command {
  return async (context, given) => {
    const source = await chooseSource(context.sources.all, given, fits, sourceInFront());
    return source === undefined ? undefined : run(context, source);
  };
}

function isAny(source: ProfileSource): source is ProfileSource {
  return source.id !== '';
}

function isActive(source: ProfileSource): source is ProfileSession {
  return source instanceof ProfileSession && source.state !== 'ended';
}

function isIn(state: 'running' | 'paused'): (source: ProfileSource) => source is ProfileSession {
  return (source): source is ProfileSession => source instanceof ProfileSession && source.state === state;
}

function uriOf(value: unknown): vscode.Uri | undefined {
  return value instanceof vscode.Uri ? value : undefined;
}

/** The process with this id, or that of a session, from the view or by its id. @param name what to call it, if that is known */
function targetOf({ sources }: Context, value: unknown, name?: unknown): Target | undefined {
  if (isPid(value)) return { pid: value, name: typeof name === 'string' ? name : vscode.l10n.t('process {0}', value) };
  const session = typeof value === 'string' ? sources.get(value) : value;
  return session instanceof ProfileSession ? { pid: session.target.pid, name: session.target.name } : undefined;
}

function isLookKind(value: unknown): value is LookKind {
  return value === 'tasks' || value === 'greenlets' || value === 'threads';
}

function isPid(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0;
}

async function discard(context: Context, source: ProfileSource): Promise<void> {
  const { t } = vscode.l10n;
  if (!source.isSaved && source.profile.quality.samples > 0) {
    const confirm = t('Discard');
    const detail = t('What was recorded is lost. The process goes on.');
    if (
      (await vscode.window.showWarningMessage(t('Discard the profile of {0}?', source.title), { modal: true, detail }, confirm)) !== confirm
    )
      return;
  }
  context.sources.remove(source);
}

/** Discards all profiles that are not recorded any more, the saved ones among them, after one question. */
async function discardEnded(context: Context): Promise<void> {
  const { t } = vscode.l10n;
  const ended = context.sources.all.filter((source) => source instanceof ProfileSession && source.state === 'ended');
  const unsaved = ended.filter((source) => !source.isSaved);
  if (unsaved.length > 0) {
    const confirm = t('Discard All');
    const question = t('Discard all ended profiles ({0}), of which some are not saved ({1})?', ended.length, unsaved.length);
    if (
      (await vscode.window.showWarningMessage(question, { modal: true, detail: unsaved.map(({ title }) => title).join('\n') }, confirm)) !==
      confirm
    )
      return;
  }
  for (const source of ended) context.sources.remove(source);
}
