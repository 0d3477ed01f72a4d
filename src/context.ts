import * as vscode from 'vscode';
import { listPythonProcesses, type PythonProcess, startEngine, startSeparateEngine, startTimeOf } from '../native/index.ts';
import { Config } from './config.ts';
import { DiffHeat } from './compare/diffHeat.ts';
import { DebugSessions } from './debugging/debugSessions.ts';
import { SourceFiles } from './files/sourceFiles.ts';
import { WorkspaceIndex } from './files/workspaceIndex.ts';
import { closeFlameGraph, fillFlameGraph, type FrameFiles, showFlameGraph } from './flameGraph/panel.ts';
import { treatment } from './hiddenFrames.ts';
import { Heat } from './heat/heat.ts';
import { History } from './history/history.ts';
import { LastRuns } from './launch/lastRuns.ts';
import { Launcher } from './launch/launcher.ts';
import { Looks } from './look/looks.ts';
import { Kernels } from './notebooks/kernels.ts';
import { NotebookCells } from './notebooks/notebookCells.ts';
import { openFrame } from './openFrame.ts';
import type { ProfileSource } from './profileSource.ts';
import { KeptSessions } from './recordings/keptSessions.ts';
import { SampleChoices } from './samples/sampleChoices.ts';
import { ProfileSession, type StartEngine, type Target } from './sessions/profileSession.ts';
import { Sources } from './sessions/sources.ts';
import { SourceTimes } from './sourceTimes.ts';

/** Owns what lives as long as the extension is active, and knows what belongs together. */
export class Context implements vscode.Disposable {
  readonly extension: vscode.ExtensionContext;
  readonly log = vscode.window.createOutputChannel('Heatline', { log: true });
  readonly config = new Config();
  readonly sources = new Sources();
  readonly samples: SampleChoices;
  readonly heat: Heat;
  readonly launcher: Launcher;
  readonly lastRuns: LastRuns;
  readonly debugSessions: DebugSessions;
  readonly notebookCells = new NotebookCells();
  readonly kernels = new Kernels(this);
  readonly looks = new Looks(this);
  readonly keptSessions: KeptSessions;
  readonly history: History;
  /** What comparisons mark in editors. */
  readonly diffHeat: DiffHeat;
  readonly #workspaceIndex = new WorkspaceIndex();
  readonly #files = new WeakMap<ProfileSource, SourceFiles>();
  readonly #times = new WeakMap<ProfileSource, SourceTimes>();

  constructor(extension: vscode.ExtensionContext) {
    this.extension = extension;
    this.samples = new SampleChoices({ choice: () => this.config.samples, treatment });
    this.heat = new Heat(this.config, this.log);
    this.launcher = new Launcher(this);
    this.lastRuns = new LastRuns(extension.workspaceState);
    this.debugSessions = new DebugSessions(this);
    this.keptSessions = new KeptSessions(this.sources, {
      folder: vscode.Uri.joinPath(extension.storageUri ?? extension.globalStorageUri, 'recordings').fsPath,
      startTimeOf,
      log: (message) => this.log.warn(message),
      onLost: (name, { message }) =>
        void vscode.window.showWarningMessage(
          vscode.l10n.t(
            'The profile of {0} can’t be kept on disk any further: {1} Save it before you close or reload this window.',
            name,
            message.replace(/\.?$/, '.'),
          ),
        ),
    });
    this.history = new History({
      folder: vscode.Uri.joinPath(extension.globalStorageUri, 'history').fsPath,
      maxBytes: () => this.config.historyBytes,
      log: (message) => this.log.warn(message),
      sources: this.sources,
      timesOf: (source) => this.timesOf(source),
      displayName: (source, func) => this.filesOf(source).display(source.profile.functions[func]!).name,
    });
    this.diffHeat = new DiffHeat({ heat: this.heat, filesOf: (source) => this.filesOf(source), log: this.log });
    extension.subscriptions.push(
      this,
      this.sources.onDidChange((source) => {
        this.filesOf(source).update();
        if (this.heat.source === source) this.heat.refresh();
      }),
      this.sources.onDidRemove((source) => {
        closeFlameGraph(source);
        if (this.heat.source === source) this.heat.clear();
      }),
      this.#workspaceIndex.onDidChange(() => {
        for (const source of this.sources.all) this.filesOf(source).forget();
        this.heat.refresh();
      }),
      this.config.onDidChange(() => {
        this.samples.settingsChanged(this.sources.all);
        // Other frames may be hidden now: have the times worked out anew.
        const { source } = this.heat;
        if (source !== undefined) this.heat.show(this.#heatSource(source));
      }),
      this.samples.onDidChange((source) => {
        if (this.heat.source === source) this.heat.show(this.#heatSource(source));
      }),
    );
  }

  listProcesses(): Promise<readonly PythonProcess[]> {
    return listPythonProcesses();
  }

  /**
   * Starts profiling a process. What goes wrong with it shows in the session.
   * @param start how, if not as ourselves
   * @param sampling what that can do of the settings
   */
  record(target: Target, start: StartEngine = this.#start, sampling = this.config.sampling): ProfileSession {
    const { rate, ...options } = sampling;
    const earlier = this.sources.all
      .filter((source) => source instanceof ProfileSession)
      .filter((source) => source.target.pid === target.pid && source.target.name === target.name);
    const ordinal = Math.max(0, ...earlier.map((source) => source.ordinal)) + 1;
    const session = this.keptSessions.begin({ ...options, subprocesses: false, ...target }, rate, start, ordinal);
    this.log.info(
      `Profiling process ${target.pid} (${target.name}) at ${rate} samples per second${options.maxStopped === 0 ? ', from other cores than its own' : ''}.`,
    );
    return session;
  }

  filesOf(source: ProfileSource): SourceFiles {
    let files = this.#files.get(source);
    if (files === undefined) this.#files.set(source, (files = new SourceFiles(source, this.#workspaceIndex, this.notebookCells)));
    return files;
  }

  /** Of the samples that count for it. */
  timesOf(source: ProfileSource): SourceTimes {
    let times = this.#times.get(source);
    const filter = this.samples.filterOf(source);
    if (times?.filter !== filter) this.#times.set(source, (times = new SourceTimes(source, filter)));
    return times;
  }

  showHeat(source: ProfileSource): void {
    this.diffHeat.clear(); // one line has room for one of them
    this.heat.show(this.#heatSource(source));
  }

  showFlameGraph(source: ProfileSource, preserveFocus = false): void {
    showFlameGraph(this.extension, source, this.#frameFiles(source), this.samples, preserveFocus);
  }

  /** Shows a flame graph in a panel that is there. */
  fillFlameGraph(panel: vscode.WebviewPanel, source: ProfileSource): void {
    fillFlameGraph(this.extension, panel, source, this.#frameFiles(source), this.samples);
  }

  /** @param processId id (not pid) of the process whose frame it is, if known */
  openFrame(source: ProfileSource, file: string, line: number, processId?: number): Promise<void> {
    return openFrame(this, source, file, line, processId);
  }

  dispose(): void {
    vscode.Disposable.from(
      this.looks,
      this.history,
      this.diffHeat,
      this.launcher,
      this.debugSessions,
      this.heat,
      this.samples,
      this.sources,
      this.notebookCells,
      this.#workspaceIndex,
      this.config,
      this.log,
    ).dispose();
  }

  /** Each stop for native frames is told to the process that stops: not to ours, which has children that it waits for. */
  readonly #start: StartEngine = (options, listener) =>
    options.native === undefined
      ? startEngine(options, listener)
      : startSeparateEngine(this.extension.asAbsolutePath('dist/cli.js'), options, listener);

  #frameFiles(source: ProfileSource): FrameFiles {
    return {
      open: (file, line, processId) => this.openFrame(source, file, line, processId),
      display: (func) => this.filesOf(source).display(func),
    };
  }

  #heatSource(source: ProfileSource): { source: ProfileSource; files: SourceFiles; times: SourceTimes } {
    return { source, files: this.filesOf(source), times: this.timesOf(source) };
  }
}
