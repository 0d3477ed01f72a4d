import * as vscode from 'vscode';
import { exactCount, type ExactCounts } from '../../profile/exactCounts.ts';
import { callersOfLine, type LineTime } from '../../profile/lines.ts';
import type { Config } from '../config.ts';
import type { SourceFiles } from '../files/sourceFiles.ts';
import { Format } from '../format.ts';
import type { ProfiledName } from '../notebooks/cellFiles.ts';
import { CELL_SCHEME } from '../notebooks/pythonNotebook.ts';
import type { ProfileSource } from '../profileSource.ts';
import type { SourceTimes } from '../sourceTimes.ts';
import { DocumentHeat } from './documentHeat.ts';
import { EditorMarks, type MarkStyle } from './editorMarks.ts';
import type { NamedCaller, NamedExpression } from './heatHover.ts';
import { fileHeat, type HeatScale, heatScale, hottestLines, isStale, mergeLineTimes, shiftLines } from './fileHeat.ts';
import { hottestExpression, lineExpressions } from './lineExpressions.ts';
import { type LineSplit, lineSplit } from './lineSplit.ts';
import { Palette } from './palette.ts';

/** ms after an edit within lines until marks are put right, at most; VS Code itself moves them well enough meanwhile. */
const EDIT_DELAY = 250;

/** Native functions that are named of a line. */
const NATIVE_FUNCTIONS = 3;

/** Documents that may hold profiled code. */
const SCHEMES = ['file', 'vscode-remote', CELL_SCHEME];

/** A profile together with what is needed to show its heat. */
export interface HeatSource {
  readonly source: ProfileSource;
  readonly files: SourceFiles;
  readonly times: SourceTimes;
}

/** What is known of a line of an open document. */
export interface LineFacts {
  readonly source: ProfileSource;
  readonly time: LineTime;
  readonly totalTime: number;
  /** µs more in which the line, or what it called, could have run but had no core; 0 where `time` counts that, too. */
  readonly ready: number;
  readonly callers: readonly NamedCaller[];
  /** Where it was counted: hits of the line, or calls of the function that begins in it. */
  readonly exact: { readonly of: ExactCounts['of']; readonly count: number } | undefined;
  /** Undefined where the profile does not tell. */
  readonly split: LineSplit | undefined;
  /** Most time first; none where instructions are not told or the line has changed. */
  readonly expressions: readonly NamedExpression[];
}

/** Shows where one profile's time went in the editors that are visible. */
export class Heat implements vscode.Disposable {
  readonly #config: Config;
  readonly #log: vscode.LogOutputChannel;
  readonly #format = new Format(vscode.env.language);
  readonly #onDidChange = new vscode.EventEmitter<void>();
  /** Another profile, or shown or hidden. */
  readonly onDidChange = this.#onDidChange.event;
  readonly #subscriptions: vscode.Disposable[];
  /** Documents of each profile, by URI; kept while documents are closed, so that edits are found again. */
  readonly #documents = new WeakMap<ProfileSource, Map<string, DocumentHeat>>();
  readonly #marks = new Map<vscode.TextEditor, EditorMarks>();
  #palette: Palette | undefined;
  #shown: HeatSource | undefined;
  #isEnabled: boolean;
  /** By the setting, which the toggle command overrules until it changes. */
  #wasEnabled: boolean;
  #refresh: Promise<void> | undefined;
  #isStale = false;
  #editTimer: NodeJS.Timeout | undefined;

  constructor(config: Config, log: vscode.LogOutputChannel) {
    this.#config = config;
    this.#log = log;
    this.#isEnabled = this.#wasEnabled = config.heatEnabled;
    this.#subscriptions = [
      vscode.window.onDidChangeVisibleTextEditors(() => this.refresh()),
      vscode.workspace.onDidChangeTextDocument((event) => this.#edit(event)),
      config.onDidChange(() => this.#reconfigure()),
    ];
  }

  /** The profile whose heat is shown (or would be, were heat not switched off). */
  get source(): ProfileSource | undefined {
    return this.#shown?.source;
  }

  get isEnabled(): boolean {
    return this.#isEnabled;
  }

  set isEnabled(isEnabled: boolean) {
    if (this.#isEnabled === isEnabled) return;
    this.#isEnabled = isEnabled;
    this.#onDidChange.fire();
    this.refresh();
  }

  show(shown: HeatSource): void {
    this.#shown = shown;
    this.#onDidChange.fire();
    this.refresh();
  }

  /** Takes all marks off; the profile stays. */
  clear(): void {
    this.#shown = undefined;
    this.#onDidChange.fire();
    this.refresh();
  }

  /** Brings all visible editors up to date, soon and once for all that ask meanwhile. */
  refresh(): void {
    this.#isStale = true;
    this.#refresh ??= this.#refreshAll()
      .catch((error: unknown) => this.#log.error('Marking editors', error))
      .finally(() => {
        this.#refresh = undefined;
        if (this.#isStale) this.refresh(); // asked for after the last look
      });
  }

  /** Resolves when the visible editors show what is known. */
  async settled(): Promise<void> {
    while (this.#refresh !== undefined) await this.#refresh;
  }

  /** Where a profiled line is in the document now, which need not be visible; 0-based, -1 if it is gone. */
  async currentLine(profiled: Omit<HeatSource, 'times'>, document: vscode.TextDocument, line: number): Promise<number> {
    const known = await this.#know(profiled, document);
    if (known === undefined) return line - 1;
    known.sync(document);
    return known.toCurrent(line);
  }

  /** The hottest lines of a document as they are now, 0-based, in their order; none where no heat shows. */
  async hotLines(document: vscode.TextDocument): Promise<number[]> {
    const shown = this.#shown;
    const known = shown === undefined || !this.#isEnabled ? undefined : await this.#know(shown, document);
    if (shown === undefined || known === undefined || known.names.length === 0) return [];
    known.sync(document);
    const { colorScale, hottestLines: count } = this.#config;
    const scale = heatScale(shown.times.lines, shown.times.weights.totalTime, colorScale);
    return hottestLines(fileHeat(this.#timesOf(known, shown.times), scale), count, colorScale)
      .map(({ line }) => known.toCurrent(line))
      .filter((line) => line >= 0)
      .sort((a, b) => a - b);
  }

  /** When a document's file was changed after its profiling had begun, before we watched; ms since 1970. */
  async staleSince(document: vscode.TextDocument): Promise<number | undefined> {
    const shown = this.#shown;
    const known = shown === undefined || !this.#isEnabled ? undefined : await this.#know(shown, document);
    if (shown === undefined || known?.changedAt === undefined || known.names.length === 0) return undefined;
    return isStale(known.changedAt, shown.source.profile.startedAtEpoch) ? known.changedAt : undefined;
  }

  /** What is known of a line (0-based) of a document, which need not be visible; undefined where nothing is shown. */
  async lineFacts(
    document: vscode.TextDocument,
    line: number,
    callerCount: number,
    expressionCount: number,
  ): Promise<LineFacts | undefined> {
    const shown = this.#shown;
    if (shown === undefined || !this.#isEnabled) return undefined;
    const known = await this.#know(shown, document);
    if (known === undefined || known.names.length === 0) return undefined;
    known.sync(document);
    const { source, times, files } = shown;
    const profiled = known.toProfiled(line);
    const time = this.#timesOf(known, times).find((candidate) => candidate.line === profiled);
    if (time === undefined || time.total === 0) return undefined;
    const { weights } = times;
    const callers = known.names
      .flatMap(({ file, shift }) => callersOfLine(weights, file, profiled - shift, callerCount))
      .sort((a, b) => b.time - a.time)
      .slice(0, callerCount);
    const expressions = lineExpressions(weights, known, profiled, expressionCount).map(({ range, ...expression }) => ({
      ...expression,
      text: document.getText(range),
    }));
    const ready =
      times.filter.onCpuOnly === true && times.filter.readyOnly !== true
        ? this.#timesOf(known, times.ready).find((candidate) => candidate.line === profiled)?.total
        : 0;
    const counted = source.profile.exactCounts;
    const count = known.names.reduce((sum, { file, shift }) => sum + (exactCount(source.profile, file, profiled - shift) ?? 0), 0);
    return {
      source,
      exact: counted === undefined || count === 0 ? undefined : { of: counted.of, count },
      time,
      totalTime: weights.totalTime,
      ready: ready ?? 0,
      split: lineSplit(weights, known.names, profiled, NATIVE_FUNCTIONS),
      expressions,
      callers: callers.map((caller) => ({ ...caller, display: files.display({ ...caller, firstLine: 0 }) })),
    };
  }

  dispose(): void {
    clearTimeout(this.#editTimer);
    this.#shown = undefined;
    vscode.Disposable.from(...this.#subscriptions, this.#onDidChange).dispose();
    this.#palette?.dispose();
  }

  async #refreshAll(): Promise<void> {
    while (this.#isStale) {
      this.#isStale = false;
      const shown = this.#isEnabled ? this.#shown : undefined;
      if (shown === undefined && this.#palette === undefined) return; // nothing to take off
      const editors = vscode.window.visibleTextEditors.filter(({ document }) => SCHEMES.includes(document.uri.scheme));
      for (const editor of this.#marks.keys()) if (!editors.includes(editor)) this.#marks.delete(editor);
      const documents = await Promise.all(
        editors.map(async ({ document }) => (shown === undefined ? undefined : this.#know(shown, document))),
      );
      // Nothing below waits: the editors are as they were a moment ago, or the next round sees to them.
      const start = performance.now();
      const scale = shown === undefined ? undefined : heatScale(shown.times.lines, shown.times.weights.totalTime, this.#config.colorScale);
      for (const [i, editor] of editors.entries()) this.#mark(editor, shown, documents[i], scale);
      const took = performance.now() - start;
      if (took > 16) this.#log.debug(`Marking ${editors.length} editors took ${took.toFixed(1)} ms.`);
    }
  }

  #mark(editor: vscode.TextEditor, shown: HeatSource | undefined, document: DocumentHeat | undefined, scale: HeatScale | undefined): void {
    const marks = this.#marksOf(editor);
    if (shown === undefined || document === undefined || scale === undefined || document.names.length === 0) {
      marks.clear();
      return;
    }
    document.sync(editor.document);
    const heat = fileHeat(this.#timesOf(document, shown.times), scale);
    const [hottest] = hottestLines(heat, 1, scale.colors);
    const expression = hottest === undefined ? undefined : hottestExpression(shown.times.weights, document, hottest.line, scale.colors);
    marks.show(heat, document, scale.totalTime, this.#style, expression?.range);
  }

  get #style(): MarkStyle {
    const { hottestLines, lineText, colorScale } = this.#config;
    return { hottestLines, lineText, colors: colorScale, format: this.#format };
  }

  #marksOf(editor: vscode.TextEditor): EditorMarks {
    let marks = this.#marks.get(editor);
    this.#palette ??= new Palette(this.#config.marks);
    if (marks === undefined) this.#marks.set(editor, (marks = new EditorMarks(editor, this.#palette)));
    return marks;
  }

  /** Finds out whether a document is profiled, and under which names. */
  async #know({ source, files }: Omit<HeatSource, 'times'>, document: vscode.TextDocument): Promise<DocumentHeat | undefined> {
    if (!SCHEMES.includes(document.uri.scheme)) return undefined;
    const documents = this.#documents.get(source) ?? new Map<string, DocumentHeat>();
    this.#documents.set(source, documents);
    const key = document.uri.toString();
    let known = documents.get(key);
    const namesKey = files.stamp;
    if (known?.namesKey === namesKey) return known;
    let names: readonly ProfiledName[];
    if (document.uri.scheme === CELL_SCHEME) {
      const cell = files.namesOfCell(key);
      ({ names } = cell);
      if (known === undefined && names.length === 0) return undefined;
      if (names.length > 0 && known?.profiledText !== cell.text) known = undefined; // another version was run
      known ??= DocumentHeat.of(document, cell.text);
    } else {
      names = (await files.namesOf(document.uri.fsPath)).map((file) => ({ file, shift: 0 }));
      if (known === undefined && names.length === 0) return undefined;
      if (known === undefined) {
        const created = await DocumentHeat.create(document);
        known = documents.get(key) ?? created; // somebody else may have asked meanwhile
      }
    }
    known.names = names;
    known.namesKey = namesKey;
    documents.set(key, known);
    return known;
  }

  #timesOf(document: DocumentHeat, times: SourceTimes): readonly LineTime[] {
    return mergeLineTimes(document.names.map(({ file, shift }) => shiftLines(times.lines.get(file) ?? [], shift)));
  }

  #edit(event: vscode.TextDocumentChangeEvent): void {
    if (this.#shown === undefined || event.contentChanges.length === 0) return;
    const known = this.#documents.get(this.#shown.source)?.get(event.document.uri.toString());
    if (known === undefined) return;
    known.edit(event);
    for (const [editor, marks] of this.#marks) if (editor.document === event.document) marks.forget();
    // Marks that were on their way when lines came or went are on wrong ones until the next marks: those may not wait for a pause
    // in the typing.
    if (event.contentChanges.some(({ range, text }) => !range.isSingleLine || /[\r\n]/.test(text))) this.refresh();
    else
      this.#editTimer ??= setTimeout(() => {
        this.#editTimer = undefined;
        this.refresh();
      }, EDIT_DELAY);
  }

  #reconfigure(): void {
    if (this.#wasEnabled !== this.#config.heatEnabled) this.isEnabled = this.#wasEnabled = this.#config.heatEnabled;
    this.#palette?.dispose();
    this.#palette = undefined;
    this.#marks.clear();
    this.refresh();
  }
}
