import * as vscode from 'vscode';
import type { ActMessage, ViewMessage } from '../../webview/messages.ts';
import { parsePageMessage } from '../../webview/parsePageMessage.ts';
import { DEFAULT_QUERY } from '../../webview/query.ts';
import { HIDING_SETTINGS, treatment } from '../hiddenFrames.ts';
import type { ProfileSource } from '../profileSource.ts';
import type { DisplayFunction } from './feed.ts';
import type { SampleChoices } from '../samples/sampleChoices.ts';
import { loadPage } from './panelPage.ts';
import { PageSession } from './pageSession.ts';
import { translations } from './translations.ts';

const VIEW_TYPE = 'heatline.flameGraph';

/** What a panel needs of its source's files. */
export interface FrameFiles {
  /** @param processId id (not pid) of the process the file was seen in */
  readonly open: (file: string, line: number, processId: number) => Promise<void>;
  readonly display: DisplayFunction;
}

type PanelSamples = Pick<SampleChoices, 'of' | 'isKnown' | 'choose' | 'onDidChange'>;

/** ms for a page to draw its picture. */
const PICTURE_PATIENCE = 10_000;

const panels = new Map<string, vscode.WebviewPanel>();

/** Shows the flame graph of a source in a tab beside the editor: the one that is there, or a new one. */
export function showFlameGraph(
  context: vscode.ExtensionContext,
  source: ProfileSource,
  files: FrameFiles,
  samples: PanelSamples,
  preserveFocus = false,
): void {
  const shown = panels.get(source.id);
  if (shown !== undefined) {
    shown.reveal(undefined, preserveFocus);
    return;
  }
  // One column for all of them: beside a flame graph that has the focus would be yet another.
  const other = [...panels.values()].find(({ viewType, viewColumn }) => viewType === VIEW_TYPE && viewColumn !== undefined);
  const panel = vscode.window.createWebviewPanel(VIEW_TYPE, source.title, {
    viewColumn: other?.viewColumn ?? vscode.ViewColumn.Beside,
    preserveFocus,
  });
  panel.iconPath = vscode.Uri.joinPath(context.extensionUri, 'media', 'icon.svg');
  fillFlameGraph(context, panel, source, files, samples);
}

/** Makes a panel, new or VS Code's for a custom editor, the one that shows a source's flame graph. */
export function fillFlameGraph(
  context: vscode.ExtensionContext,
  panel: vscode.WebviewPanel,
  source: ProfileSource,
  files: FrameFiles,
  samples: PanelSamples,
): void {
  panels.set(source.id, panel);
  keepContextKey();
  const { webview } = panel;
  const session = new PageSession(() => source, {
    post: (message) => webview.postMessage(message),
    open: ({ file, line, process }) => void files.open(file, line, process),
    setup: () => ({
      type: 'setup',
      title: source.title,
      language: vscode.env.language,
      translations: translations(),
      query: { ...DEFAULT_QUERY, ...samples.of(source) },
      samplesKnown: samples.isKnown(source),
    }),
    command: (command) => void vscode.commands.executeCommand(`heatline.${command}`, source.id),
    asked: (choice) => samples.choose(source, choice),
    treatment,
    display: files.display,
    now: () => performance.now(),
    later: (ms, action) => {
      const timer = setTimeout(action, ms);
      return () => clearTimeout(timer);
    },
  });
  const subscriptions = vscode.Disposable.from(
    webview.onDidReceiveMessage((data: unknown) => {
      const message = parsePageMessage(data);
      if (message !== undefined) session.receive(message);
    }),
    panel.onDidChangeViewState(() => {
      session.visible = panel.visible;
      keepContextKey();
    }),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (HIDING_SETTINGS.some((setting) => event.affectsConfiguration(setting))) session.treatmentChanged();
    }),
    samples.onDidChange((changed) => {
      if (changed === source) session.samplesChanged(samples.of(source));
    }),
    source.onDidChange(() => {
      panel.title = source.title;
      session.changed();
    }),
  );
  panel.onDidDispose(() => {
    if (panels.get(source.id) === panel) panels.delete(source.id);
    keepContextKey();
    subscriptions.dispose();
    session.dispose();
  });
  loadPage(webview, context.extensionUri, {
    scripts: ['flameGraph.js'],
    style: 'flameGraph.css',
    title: source.title,
    language: vscode.env.language,
    makesWorkers: true, // which search by patterns
  });
}

/** Id of the source whose flame graph is in front: the one that has the focus, else the only one in sight. */
export function sourceInFront(): string | undefined {
  const shown = [...panels].filter(([, { visible }]) => visible);
  const [id] = shown.find(([, { active }]) => active) ?? (shown.length === 1 ? shown[0]! : []);
  return id;
}

/** Commands about a flame graph are there while one is in sight, wherever the focus is. */
function keepContextKey(): void {
  void vscode.commands.executeCommand(
    'setContext',
    'heatline.flameGraphShown',
    [...panels.values()].some(({ visible }) => visible),
  );
}

/** Passes a command of the editor on to the flame graph in front. */
export function tellPageInFront(message: ActMessage | ViewMessage): void {
  const id = sourceInFront();
  if (id === undefined) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t('There is no flame graph in front. Show one first: Heatline: Show Flame Graph.'),
    );
    return;
  }
  void panels.get(id)!.webview.postMessage(message);
}

export function isFlameGraphVisible(source: ProfileSource): boolean {
  return panels.get(source.id)?.visible === true;
}

/** The picture that a source's page shows now, as PNG; undefined if none is in sight. */
export async function pictureOfPage(source: ProfileSource, caption: string): Promise<Uint8Array | undefined> {
  const panel = panels.get(source.id);
  if (panel?.visible !== true) return undefined;
  const { webview } = panel;
  return new Promise((resolve) => {
    const end = (picture: Uint8Array | undefined): void => {
      clearTimeout(timer);
      subscription.dispose();
      resolve(picture);
    };
    const timer = setTimeout(() => end(undefined), PICTURE_PATIENCE);
    const subscription = vscode.Disposable.from(
      panel.onDidDispose(() => end(undefined)),
      webview.onDidReceiveMessage((message: unknown) => {
        const { type, data } = (typeof message === 'object' && message !== null ? message : {}) as { type?: unknown; data?: unknown };
        if (type !== 'picture') return;
        const base64 = typeof data === 'string' ? /^data:image\/png;base64,([A-Za-z0-9+/]+=*)$/.exec(data)?.[1] : undefined;
        end(base64 === undefined ? undefined : Buffer.from(base64, 'base64'));
      }),
    );
    void webview.postMessage({ type: 'picture', caption });
  });
}

/** Closes the panel of a source that is gone. */
export function closeFlameGraph(source: ProfileSource): void {
  panels.get(source.id)?.dispose();
}
