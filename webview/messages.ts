import type { NoStopsReason } from '../profile/delta.ts';
import type { LaneBands, LaneBoxes } from '../profile/timeline/lane.ts';
import type { NodePath, Query, SampleChoice, SampleState, TimeRange } from './query.ts';

/**
 * What the host (src/flameGraph) and the page say to each other. Both sides parse what arrives
 * (parsePageMessage.ts, parseHostMessage.ts); a message neither knows is ignored.
 *
 * The page is made anew whenever its tab is shown again; it then says `ready` and the host tells it
 * everything. Function and file names are sent once and named by index after that.
 */
export type HostMessage =
  | SetupMessage
  | FunctionsMessage
  | ParticipantsMessage
  | StatusMessage
  | TreeMessage
  | LeftMessage
  | SamplesMessage
  | TimelineMessage
  | ActMessage
  | ViewMessage;

/** The first message after `ready`: forget everything that was known. */
export interface SetupMessage {
  readonly type: 'setup';
  readonly title: string;
  /** BCP 47 tag for numbers, for instance "de" or "pt-br". */
  readonly language: string;
  /** Translations by English text (`vscode.l10n.bundle`); empty for English. */
  readonly translations: Readonly<Record<string, string>>;
  /** What to ask until the user asks something else. */
  readonly query: Query;
  /** Whether the query's samples were chosen for this profile in this window, so that they outdo what the page remembers. */
  readonly samplesKnown: boolean;
}

/** Other samples are to be shown: ask for them. */
export interface SamplesMessage {
  readonly type: 'samples';
  readonly samples: SampleChoice;
}

/** A command of the editor: do something with the box that is selected, or with the steps that were taken. */
export interface ActMessage {
  readonly type: 'act';
  readonly action: PageAction;
}

export const pageActions = [
  'focusSubtree',
  'focusFunction',
  'dropSubtree',
  'dropFunction',
  'mergeFunction',
  'collapseRecursion',
  'hideLibrary',
  'foldLibrary',
  'sandwich',
  'onlyMyCode',
  'undoStep',
  'copyView',
] as const;
export type PageAction = (typeof pageActions)[number];

/** Show what a text says that was copied from a page (model/viewText.ts). */
export interface ViewMessage {
  readonly type: 'view';
  readonly text: string;
}

/** Functions and files that are new; their ids go on where the last message ended. */
export interface FunctionsMessage {
  readonly type: 'functions';
  /** Id of the first function here; anything else than the number of known functions is an error. */
  readonly first: number;
  readonly names: readonly string[];
  /** Index into the files, those of this message included. */
  readonly files: Int32Array;
  readonly firstLines: Int32Array;
  /** 1: native code, whose file is its library; 2: native code, whose file is its source. */
  readonly native: Uint8Array;
  readonly firstFile: number;
  readonly newFiles: readonly string[];
  /** Index into the libraries (Libraries of profile/libraries.ts), those of this message included; -1: the program's own code. */
  readonly libraries: Int32Array;
  readonly firstLibrary: number;
  readonly newLibraries: readonly string[];
}

/** The threads and processes there are to choose from. */
export interface ParticipantsMessage {
  readonly type: 'participants';
  readonly processes: readonly ProcessItem[];
  readonly threads: readonly ThreadItem[];
}

export interface ProcessItem {
  readonly pid: number;
  readonly name: string;
  readonly pythonVersion: string;
  /** µs since the session's start. */
  readonly startedAt: number;
}

export interface ThreadItem {
  /** Index of its process. */
  readonly process: number;
  readonly name: string;
  /** The kernel's id. */
  readonly osThreadId: number;
  /** µs since the session's start. */
  readonly startedAt: number;
  /** µs since the session's start; null while it runs. */
  readonly endedAt: number | null;
}

export type RecordingState = 'starting' | 'running' | 'paused' | 'ended';

export interface StatusMessage {
  readonly type: 'status';
  readonly state: RecordingState;
  /** Localised; empty where there is nothing to say. */
  readonly endMessage: string;
  readonly quality: QualityFigures;
}

/** The figures of `Quality` (profile/delta.ts) that are shown. */
export interface QualityFigures {
  readonly samples: number;
  readonly ticks: number;
  readonly partial: number;
  readonly lost: number;
  readonly missed: number;
  /** Wall time without pauses, µs. */
  readonly elapsed: number;
  /** Thread samples per second lately, or over the whole session when it has ended. */
  readonly samplesPerSecond: number;
  /** Asked for, ticks per second; 0 = as many as possible. */
  readonly requestedRate: number;
  readonly stops: number;
  /** µs */
  readonly stoppedTime: number;
  /** 0 to 1; null: not known. */
  readonly shareError: number | null;
  readonly noStops: NoStopsReason | null;
  /** µs: until when times are in steps only, and of how much (Profile.coarseTimes); 0: they are all known. */
  readonly coarseUntil: number;
  readonly shortestStep: number;
  readonly longestStep: number;
}

/** How much time other choices of samples would leave, everything else of the query as it is; functions that are left out included. */
export interface LeftMessage {
  readonly type: 'left';
  /** µs by thread id, if it alone were chosen. */
  readonly threads: Float64Array;
  /** µs of all threads that are chosen, if only that were asked of their states; `all`: nothing. */
  readonly states: Readonly<Record<SampleState | 'all', number>>;
}

/** The answer to a query: the call tree and the functions, of the same moment. */
export interface TreeMessage {
  readonly type: 'tree';
  /** The number the page gave its query. */
  readonly query: number;
  /** All calls; where the query asks for a sandwich, what its function calls: the root stands for the function. */
  readonly nodes: TreeColumns;
  /** Who calls the function, the other way round; null unless that is asked. */
  readonly callers: TreeColumns | null;
  /** Nodes left out because nobody could see them at this zoom. */
  readonly hiddenNodes: number;
  readonly functions: FunctionColumns;
  /** Times of modules, each by one function of its file; lines are 0. */
  readonly modules: FunctionColumns;
  readonly totalSamples: number;
  /** µs of all samples. */
  readonly totalTime: number;
  /** Samples without the query's transforms. */
  readonly samplesBeforeSteps: number;
}

/** `func` of nodes that are no function. */
export const ROOT = -1;
/** Stands for callees that are too small to be sent at this zoom; `samples` is how many nodes it stands for. */
export const HIDDEN = -2;

/** Parents before children, siblings by total, descending; node 0 is the root. */
export interface TreeColumns {
  /** -1 at the root. */
  readonly parent: Int32Array;
  /** Function id, from FOLDED (profile/weighedStacks.ts) on a folded library, ROOT, HIDDEN, or below the root what stands for a process (`processNode` of profile/callTree.ts). */
  readonly func: Int32Array;
  /** 0 unless the tree is by line. */
  readonly line: Int32Array;
  /** µs */
  readonly self: Float64Array;
  /** µs */
  readonly total: Float64Array;
  /** Samples in the total. */
  readonly samples: Float64Array;
}

/** Times of functions, or of their lines where the tree is by line; recursion counted once. */
export interface FunctionColumns {
  readonly func: Int32Array;
  /** 0 unless the tree is by line. */
  readonly line: Int32Array;
  /** µs */
  readonly self: Float64Array;
  /** µs */
  readonly total: Float64Array;
  /** Samples in the total. */
  readonly samples: Float64Array;
}

/** What threads did in a range of time, by columns of equal time: the answer to a TimelineQueryMessage. */
export interface TimelineMessage {
  readonly type: 'timeline';
  /** The number the page gave its question. */
  readonly number: number;
  /** µs: how far time is covered. */
  readonly until: number;
  readonly range: TimeRange;
  readonly columns: number;
  readonly lanes: readonly LaneItem[];
}

export interface LaneItem {
  /** Thread id. */
  readonly thread: number;
  readonly bands: LaneBands;
  /** null: not asked for. */
  readonly boxes: LaneBoxes | null;
}

export type PageMessage = ReadyMessage | QueryMessage | DetailMessage | OpenMessage | CommandMessage | TimelineQueryMessage;

/** The page is there and knows nothing. */
export interface ReadyMessage {
  readonly type: 'ready';
}

export interface QueryMessage {
  readonly type: 'query';
  /** Comes back with the answers. */
  readonly number: number;
  readonly query: Query;
}

/** The page shows this part now: send what can be seen there. */
export interface DetailMessage {
  readonly type: 'detail';
  /** The deepest node that fills the view. */
  readonly path: NodePath;
  /** µs across the view. */
  readonly span: number;
}

/** Most lanes, and lanes with boxes, that a question may be about: no more are in sight. */
export const MAX_LANES = 128;
export const MAX_OPEN_LANES = 16;

/** What did these threads do? Asked whenever the time line shows another part, and while samples come in. */
export interface TimelineQueryMessage {
  readonly type: 'timeline';
  readonly number: number;
  /** null: all of the time. */
  readonly range: TimeRange | null;
  /** At most MAX_COLUMNS. */
  readonly columns: number;
  /** Thread ids. */
  readonly threads: readonly number[];
  /** Those of them whose boxes are asked for, too. */
  readonly open: readonly number[];
}

/** Show a source line. */
export interface OpenMessage {
  readonly type: 'open';
  readonly func: number;
  /** 0: the line of the function where most of its time goes; in this node if there is a path. */
  readonly line: number;
  readonly path: NodePath | null;
}

/** What can be done with the profile from its page; names of Heatline's commands. */
export const pageCommands = ['stop', 'pause', 'resume', 'save', 'export'] as const;

export type PageCommand = (typeof pageCommands)[number];

export interface CommandMessage {
  readonly type: 'command';
  readonly command: PageCommand;
}
