import type {
  ActMessage,
  FunctionsMessage,
  HostMessage,
  LeftMessage,
  PageMessage,
  ParticipantsMessage,
  SetupMessage,
  StatusMessage,
  TimelineMessage,
  TreeMessage,
  ViewMessage,
} from '../messages.ts';
import { ALL_SAMPLES, sameQuery, type NodePath, type Query } from '../query.ts';
import { NumberFormat, supportedLanguage } from './format.ts';
import { Functions, type FunctionSet } from './functions.ts';
import { type Mark, NO_MARK } from './mark.ts';
import { matchPattern, patternOf } from './patternSearch.ts';
import { NO_ROW, type RowId } from './rowId.ts';
import type { StoredView } from './storedView.ts';

/** The way to the host and to what VS Code keeps for the page. */
export interface Host {
  /** Whether there is one that opens sources, and stops, saves and exports recordings. */
  readonly isEditor: boolean;
  readonly post: (message: PageMessage) => void;
  readonly store: (view: StoredView) => void;
}

/**
 * What can be news to a view:
 * - `setup`: the profile is another one now
 * - `query`: another one was asked
 * - `tree`: its answer, or a newer one
 * - `left`: how much time other choices of samples would leave
 * - `timeline`: what threads did
 * - `mark`: other functions stand out
 * - `selection`: another box is selected
 * - `functions`, `participants`, `status`: what the messages of these names say
 * - `kept`: the page's looks are others, what is kept of them or whether it is zoomed
 */
export type News =
  'setup' | 'query' | 'tree' | 'left' | 'timeline' | 'mark' | 'selection' | 'functions' | 'participants' | 'status' | 'kept';

/** The one place of what all views of the page show: the question, its answer, the selection and the mark. */
export class Store {
  readonly functions = new Functions();
  readonly format: NumberFormat;
  /** For what NumberFormat does not write. */
  readonly language: string;
  participants: ParticipantsMessage = { type: 'participants', processes: [], threads: [] };
  status: StatusMessage | undefined;
  /** The last answer, and the query that it answers. */
  tree: TreeMessage | undefined;
  /** How much time other choices of samples would leave. */
  left: LeftMessage | undefined;
  /** The last answer to what the time line asked. */
  timeline: TimelineMessage | undefined;
  mark: Mark = NO_MARK;
  /** What the selected box is of. */
  selectedRow: RowId = NO_ROW;
  readonly #host: Host;
  readonly #listeners = new Map<News, (() => void)[]>();
  #kept: StoredView;
  #zoomed = false;
  #queryNumber = 0;
  #searchError = '';
  #endSearch: (() => void) | undefined;
  #keepSoon: ReturnType<typeof setTimeout> | undefined;

  constructor(host: Host, setup: SetupMessage, kept: StoredView) {
    this.#host = host;
    this.#kept = kept;
    this.format = new NumberFormat(setup.language);
    this.language = supportedLanguage(setup.language);
  }

  /** Whether sources can be opened, and recordings stopped, saved and exported. */
  get isEditor(): boolean {
    return this.#host.isEditor;
  }

  /** Calls back, in the order in which listeners came, whenever there is such news. */
  listen(news: News, listener: () => void): void {
    this.#listeners.set(news, [...(this.#listeners.get(news) ?? []), listener]);
  }

  get query(): Query {
    return this.#kept.query;
  }

  /** The calls to the box that is selected, by the tree that is shown. */
  get selection(): NodePath | null {
    return this.#kept.selection;
  }

  select(path: NodePath | null, row: RowId): void {
    this.selectedRow = row;
    this.#set({ selection: path });
    this.#tell('selection');
  }

  /** Whether less than everything is in view. */
  get zoomed(): boolean {
    return this.#zoomed;
  }

  set zoomed(zoomed: boolean) {
    if (zoomed === this.#zoomed) return;
    this.#zoomed = zoomed;
    this.#tell('kept');
  }

  get kept(): StoredView {
    return this.#kept;
  }

  /** Changes what is kept for when the page is made anew. */
  keep(change: Partial<Omit<StoredView, 'query'>>): void {
    this.#set(change);
    this.#tell('kept');
  }

  /** Asks something else; what is not told stays. */
  ask(change: Partial<Query>): void {
    const query = { ...this.query, ...change };
    if (sameQuery(query, this.query)) return;
    this.#set({ query });
    this.send();
  }

  /** Drops all filters and takes all steps back. */
  showAll(): void {
    this.ask({ ...ALL_SAMPLES, sandwich: null });
  }

  /** Asks the query, again if it was asked before. */
  send(): void {
    this.#queryNumber++;
    this.#tell('query');
    this.post({ type: 'query', number: this.#queryNumber, query: this.query });
  }

  post(message: PageMessage): void {
    this.#host.post(message);
  }

  /** Why what is searched marks nothing; empty where that is no error. Localised. */
  get searchError(): string {
    return this.#searchError;
  }

  /** Lets functions stand out whose name or file has all the words, or matches the regular expression; none for no text. */
  search(text: string, how: Partial<Pick<StoredView, 'searchPattern' | 'searchCase'>> = {}): void {
    this.#set({ search: text, ...how });
    this.#endSearch?.();
    this.#searchError = '';
    const { searchPattern, searchCase } = this.#kept;
    if (searchPattern && text !== '') this.#searchPattern(text, searchCase);
    else this.#markFound(this.functions.search(text, searchCase));
  }

  /** What is marked stays until it is known what matches. */
  #searchPattern(text: string, matchCase: boolean): void {
    const fail = (error: string): void => {
      this.#searchError = error;
      this.#setMark(NO_MARK);
    };
    const pattern = patternOf(text, matchCase);
    if (typeof pattern === 'string') {
      fail(pattern);
      return;
    }
    const { functions } = this;
    const { count } = functions;
    this.#endSearch = matchPattern(pattern, functions.searchedTexts(), (result) => {
      if (result.kind === 'failed') fail(result.error);
      else if (count !== functions.count)
        this.search(text); // there are more now
      else this.#markFound(functions.setOf(result.matches));
    });
  }

  #markFound(functions: FunctionSet | undefined): void {
    this.#setMark(functions === undefined ? NO_MARK : { kind: 'search', functions });
  }

  markFunction(func: number, line: number): void {
    this.#endSearch?.();
    this.#searchError = '';
    this.#setMark({ kind: 'function', functions: this.functions.only(func), func, line });
  }

  /** @param func any function of the module */
  markModule(func: number): void {
    this.#endSearch?.();
    this.#searchError = '';
    this.#setMark({ kind: 'module', functions: this.functions.ofModule(func), func });
  }

  clearMark(): void {
    this.search('');
  }

  receive(message: Exclude<HostMessage, ActMessage | ViewMessage>): void {
    switch (message.type) {
      case 'setup':
        this.functions.clear();
        this.#set({ query: { ...this.query, sandwich: null, transforms: [] } }); // ids of functions mean something else from now on
        this.tree = undefined;
        if (this.mark.kind === 'function' || this.mark.kind === 'module') this.#setMark(NO_MARK); // its id means something else from now on
        this.#tell('setup');
        this.send();
        break;
      case 'samples':
        this.ask(message.samples);
        break;
      case 'functions':
        this.#addFunctions(message);
        break;
      case 'participants':
        this.participants = message;
        this.#tell('participants');
        break;
      case 'left':
        this.left = message;
        this.#tell('left');
        break;
      case 'timeline':
        this.timeline = message;
        this.#tell('timeline');
        break;
      case 'status':
        this.status = message;
        this.#tell('status');
        break;
      case 'tree':
        if (message.query !== this.#queryNumber) return;
        this.tree = message;
        this.#tell('tree');
        break;
    }
  }

  #addFunctions(message: FunctionsMessage): void {
    // Out of step: start anew.
    if (!this.functions.add(message)) this.post({ type: 'ready' });
    if (this.mark.kind === 'function') this.markFunction(this.mark.func, this.mark.line);
    else if (this.mark.kind === 'module') this.markModule(this.mark.func);
    else if (this.#kept.search !== '') this.search(this.#kept.search);
    this.#tell('functions');
  }

  #setMark(mark: Mark): void {
    this.mark = mark;
    this.#tell('mark');
  }

  #set(change: Partial<StoredView>): void {
    this.#kept = { ...this.#kept, ...change };
    clearTimeout(this.#keepSoon);
    this.#keepSoon = setTimeout(() => this.#host.store(this.#kept), 250);
  }

  #tell(news: News): void {
    for (const listener of this.#listeners.get(news) ?? []) listener();
  }
}
