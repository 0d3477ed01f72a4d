import * as vscode from 'vscode';
import { fastestNative, type SamplingOptions } from '../native/index.ts';
import { ALL_SAMPLES, type SampleChoice } from '../webview/query.ts';
import type { ColorScale } from './heat/fileHeat.ts';
import { parseRunOptions, type RunOptions } from './launch/runOptions.ts';

const SECTION = 'heatline';

/** What the numbers after a line say. */
export type LineText = 'share' | 'time' | 'shareAndTime';
/** How hot lines are marked. */
export type HeatMarks = 'gutter' | 'line' | 'both';
/** Which files have the CodeLens that runs them. */
export type ScriptLens = 'always' | 'mainGuard' | 'never';
/** Which samples heat is made of. */
export type CountedSamples = 'cpu' | 'gil' | 'all';

type Sampling = SamplingOptions & { readonly rate: number };

/** Samples per second with native frames, unless a rate was chosen: as on the command line. */
const NATIVE_RATE = 100;

/** All settings, read where they are used, checked here. Values that make no sense count as unset. */
export class Config {
  readonly #onDidChange = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#onDidChange.event;
  readonly #subscription: vscode.Disposable;

  constructor() {
    this.#subscription = vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration(SECTION)) this.#onDidChange.fire();
    });
  }

  /** How programs are sampled. */
  get sampling(): Sampling {
    const sampling = this.samplingWithoutNative;
    if (!this.native) return sampling;
    // What the settings are by default is for samples that cost a tenth.
    const rate = this.#isSet('samplingRate') ? Math.min(sampling.rate, fastestNative) : NATIVE_RATE;
    return { ...sampling, rate, native: 'functions', maxStopped: this.#isSet('maxStopped') ? this.maxStopped : 0.1 };
  }

  /** How those are sampled whose native frames can't be read. */
  get samplingWithoutNative(): Sampling {
    return {
      rate: this.#number('samplingRate', 1000, 1, 100_000),
      maxStopped: this.maxStopped,
      subprocesses: this.subprocesses,
      tasks: this.#boolean('asyncio.tasks', false),
      instructions: this.instructions,
    };
  }

  /** Whether native frames are read: running threads are stopped for them, which may not be where nothing may be taken of their time. */
  get native(): boolean {
    return this.#boolean('native', false) && this.maxStopped > 0;
  }

  async setNative(isOn: boolean): Promise<void> {
    const heatline = vscode.workspace.getConfiguration(SECTION);
    const isOfWorkspace = heatline.inspect('native')?.workspaceValue !== undefined;
    await heatline.update('native', isOn, isOfWorkspace ? vscode.ConfigurationTarget.Workspace : vscode.ConfigurationTarget.Global);
  }

  /** Whether programs we start and debug sessions are profiled together with the processes they start. */
  get subprocesses(): boolean {
    return this.#boolean('subprocesses', true);
  }

  /** Share of a program's time, 0 to 0.5, that looks may take. */
  get maxStopped(): number {
    const value = this.#value('maxStopped');
    const percent = typeof value === 'number' && Number.isFinite(value) ? value : 1;
    // The default is more where all looks are to be made.
    return percent === 1 && this.#boolean('blocking', false) ? 0.1 : Math.min(50, Math.max(0, percent)) / 100;
  }

  /** Whether samples tell instructions, with opcodes and columns, apart. */
  get instructions(): boolean {
    return this.#boolean('instructions', false);
  }

  get profileDebugSessions(): boolean {
    return this.#boolean('profileDebugSessions', false);
  }

  /** Whether programs that are debugged in a terminal are started so that we may read them where only ancestors may. */
  get allowReadingDebuggees(): boolean {
    return this.#boolean('allowReadingDebuggees', true);
  }

  get scriptLens(): ScriptLens {
    return this.#oneOf('codeLens.scripts', ['always', 'mainGuard', 'never']);
  }

  get testLens(): boolean {
    return this.#boolean('codeLens.tests', true);
  }

  get openFlameGraph(): boolean {
    return this.#boolean('flameGraph.openOnStart', true);
  }

  get heatEnabled(): boolean {
    return this.#boolean('heat.enabled', true);
  }

  get hottestLines(): number {
    return this.#number('heat.hottestLines', 20, 0, 500);
  }

  get lineText(): LineText {
    return this.#oneOf('heat.lineText', ['share', 'time', 'shareAndTime']);
  }

  get colorScale(): ColorScale {
    return this.#oneOf('heat.colorScale', ['self', 'total']);
  }

  get marks(): HeatMarks {
    return this.#oneOf('heat.marks', ['gutter', 'line', 'both']);
  }

  /** Whether files in the Explorer have badges. */
  get explorerHeat(): boolean {
    return this.#boolean('heat.explorer', true);
  }

  get hover(): boolean {
    return this.#boolean('heat.hover', true);
  }

  /** How much room the history of profiles may take, bytes; 0: there is none. */
  get historyBytes(): number {
    return this.#number('history.maxSize', 500, 0, 100_000) * 1e6;
  }

  /** Which samples count unless others are chosen for a profile. */
  get samples(): SampleChoice {
    const counted = this.#oneOf<CountedSamples>('heat.samples', ['cpu', 'gil', 'all']);
    return { ...ALL_SAMPLES, onCpuOnly: counted === 'cpu', gilOnly: counted === 'gil' };
  }

  /** How files are run, and by which Python ('': the workspace's). */
  runOf(resource: vscode.Uri | undefined): RunOptions & { readonly python: string } {
    const run = vscode.workspace.getConfiguration(`${SECTION}.run`, resource);
    const python: unknown = run.get('python');
    return {
      ...parseRunOptions({ args: run.get('args'), workingDirectory: run.get('cwd'), environment: run.get('env') }),
      python: typeof python === 'string' ? python : '',
    };
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#onDidChange.dispose();
  }

  #value(key: string): unknown {
    return vscode.workspace.getConfiguration(SECTION).get(key);
  }

  /** Whether somebody chose a value. */
  #isSet(key: string): boolean {
    const { globalValue, workspaceValue, workspaceFolderValue } = vscode.workspace.getConfiguration(SECTION).inspect<unknown>(key) ?? {};
    return globalValue !== undefined || workspaceValue !== undefined || workspaceFolderValue !== undefined;
  }

  #boolean(key: string, fallback: boolean): boolean {
    const value = this.#value(key);
    return typeof value === 'boolean' ? value : fallback;
  }

  #number(key: string, fallback: number, min: number, max: number): number {
    const value = this.#value(key);
    return typeof value === 'number' && Number.isFinite(value) ? Math.min(max, Math.max(min, Math.round(value))) : fallback;
  }

  /** The first choice is the default. */
  #oneOf<T extends string>(key: string, choices: readonly [T, ...T[]]): T {
    const value = this.#value(key);
    return choices.find((choice) => choice === value) ?? choices[0];
  }
}
