import * as vscode from 'vscode';
import type { CodePlace, LookKind, LookResults } from '../../native/index.ts';
import { NO_QUALITY, Profile } from '../../profile/profile.ts';
import { Format } from '../format.ts';
import type { ProfileSource, ProfileState } from '../profileSource.ts';
import type { ElevatedReader } from '../rights/elevatedReader.ts';
import type { Target } from '../sessions/profileSession.ts';
import { greenletContent } from './greenletNodes.ts';
import type { LookNode, NameOf } from './lookNode.ts';
import { taskContent } from './taskNodes.ts';

/** What the view shows of what was seen. */
export interface LookContent {
  readonly roots: readonly LookNode[];
  /** How many there are, in a sentence. */
  readonly counts: string;
  /** Sentences on what is missing or not of one moment. */
  readonly notes: readonly string[];
  /** Indices from a root's to that of the node that stands for something itself. */
  readonly pathOf: (index: number) => readonly number[];
}

let lastId = 0;

/** What was seen of a process, once: as a source without samples, so that its files are found as those of profiles are. */
export class Look implements ProfileSource {
  readonly id = `look-${++lastId}`;
  readonly title: string;
  readonly profile = new Profile();
  /** As of a profile: the process was there when it was looked at. */
  readonly state: ProfileState = 'running';
  readonly endMessage = undefined;
  readonly isSaved = true; // there is nothing to save
  readonly #onDidChange = new vscode.EventEmitter<void>(); // it never does
  readonly onDidChange = this.#onDidChange.event;
  readonly kind: LookKind;
  readonly target: Target;
  /** How it was read, if not as ourselves. */
  readonly reader: ElevatedReader | undefined;
  readonly #seen: Seen;
  readonly #takenAt = new Date();

  constructor(target: Target, reader: ElevatedReader | undefined, seen: Seen) {
    this.title = vscode.l10n.t('{0} (process {1})', target.name, target.pid);
    this.target = target;
    this.reader = reader;
    this.kind = seen.kind;
    this.#seen = seen;
    const { pid, pythonVersion, workingDirectory } = seen.snapshot;
    const records = seen.kind === 'tasks' ? seen.snapshot.tasks : seen.snapshot.greenlets;
    fill(
      this.profile,
      { pid, name: target.name, pythonVersion, workingDirectory },
      records.flatMap(({ stack }) => stack),
    );
  }

  content(nameOf: NameOf): LookContent {
    return this.#seen.kind === 'tasks' ? taskContent(this.#seen.snapshot, nameOf) : greenletContent(this.#seen.snapshot, nameOf);
  }

  /** Of what, and when. */
  get heading(): string {
    const time = new Format(vscode.env.language).clock(this.#takenAt);
    return vscode.l10n.t('{0}, Python {1}, at {2}.', this.title, this.#seen.snapshot.pythonVersion, time);
  }
}

export type Seen = { readonly [Kind in LookKind]: { readonly kind: Kind; readonly snapshot: LookResults[Kind] } }[LookKind];

interface Process {
  readonly pid: number;
  readonly name: string;
  readonly pythonVersion: string;
  readonly workingDirectory: string | null;
}

/** Puts into a profile what it takes to find files: the process, and one function of each file. */
function fill(profile: Profile, process: Process, places: readonly CodePlace[]): void {
  const files = new Map(places.map((place) => [place.file, place]));
  profile.append({
    sequence: 0,
    until: 0,
    processes: [{ ...process, parent: null, commandLine: [], executable: '', startedAt: 0 }],
    threads: [],
    threadChanges: [],
    functions: [...files.values()].map((place) => ({ name: place.function, file: place.file, firstLine: Math.max(0, place.line) })),
    frames: { functions: new Uint32Array(), lines: new Uint32Array() },
    stacks: { parents: new Uint32Array(), frames: new Uint32Array() },
    runs: {
      threads: new Uint32Array(),
      stacks: new Uint32Array(),
      starts: new Float64Array(),
      durations: new Float64Array(),
      counts: new Uint32Array(),
      cpu: new Float64Array(),
      flags: new Uint8Array(),
    },
    quality: NO_QUALITY,
  });
}
