import * as vscode from 'vscode';
import type { CodePlace } from '../../native/index.ts';
import { NO_QUALITY, Profile } from '../../profile/profile.ts';
import { baseName } from '../files/pathMatch.ts';
import { Format } from '../format.ts';
import type { ProfileSource, ProfileState } from '../profileSource.ts';
import type { ElevatedReader } from '../rights/elevatedReader.ts';
import type { Target } from '../sessions/profileSession.ts';
import type { LookNode, NameOf } from './lookNode.ts';

/** What the view shows of what was seen. */
export interface LookContent {
  readonly roots: readonly LookNode[];
  /** How many there are, in a sentence. */
  readonly counts: string;
  /** Sentences on what is missing or not of one moment. */
  readonly notes: readonly string[];
}

/** What is looked at. */
export type Subject =
  | { readonly kind: 'process'; readonly target: Target; /** How it is read, if not as ourselves. */ readonly reader?: ElevatedReader }
  | {
      readonly kind: 'core';
      readonly file: string;
      /** Folders where the program's files are looked for first. */ readonly search: readonly string[];
    };

/** How it is shown. */
export interface LookOptions {
  /** Threads with the same stack are one row. */
  readonly isFolded: boolean;
}

/** What was seen, whatever it is. */
export interface Seen {
  readonly process: { readonly pid: number; readonly pythonVersion: string; readonly workingDirectory: string | null };
  /** All places that are shown. */
  readonly places: readonly CodePlace[];
  content(options: LookOptions, nameOf: NameOf): LookContent;
}

let lastId = 0;

/** What was seen of a process, once: as a source without samples, so that its files are found as those of profiles are. */
export class Look implements ProfileSource {
  readonly id = `look-${++lastId}`;
  readonly title: string;
  readonly profile = new Profile();
  readonly state: ProfileState;
  readonly endMessage = undefined;
  readonly isSaved = true; // there is nothing to save
  readonly #onDidChange = new vscode.EventEmitter<void>(); // it never does
  readonly onDidChange = this.#onDidChange.event;
  readonly subject: Subject;
  readonly #seen: Seen;
  readonly #takenAt = new Date();

  constructor(subject: Subject, seen: Seen) {
    const { process, places } = seen;
    const name = nameOfSubject(subject);
    this.title = vscode.l10n.t('{0} (process {1})', name, process.pid);
    // As of a profile: a process was there when it was looked at; who has the number of a dumped one today is another one.
    this.state = subject.kind === 'process' ? 'running' : 'ended';
    this.subject = subject;
    this.#seen = seen;
    fill(this.profile, { ...process, name }, places);
  }

  content(options: LookOptions, nameOf: NameOf): LookContent {
    return this.#seen.content(options, nameOf);
  }

  /** Of what, and when. */
  get heading(): string {
    const { t } = vscode.l10n;
    const { pid, pythonVersion } = this.#seen.process;
    if (this.subject.kind === 'core') return t('Core dump {0} of process {1}, Python {2}.', this.subject.file, pid, pythonVersion);
    const time = new Format(vscode.env.language).clock(this.#takenAt);
    return t('{0}, Python {1}, at {2}.', this.title, pythonVersion, time);
  }
}

/** What to call what is looked at. */
export function nameOfSubject(subject: Subject): string {
  return subject.kind === 'process' ? subject.target.name : baseName(subject.file);
}

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
