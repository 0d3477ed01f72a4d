import type { Engine, EngineEvent, EngineListener, Exit, RecordingFacts } from '../../native/index.ts';
import { snapshotOf } from '../../profile/snapshot.ts';
import type { ProfileSource } from '../profileSource.ts';
import { ProfileSession, type StartEngine, type Target } from '../sessions/profileSession.ts';
import type { Sources } from '../sessions/sources.ts';
import { type KeptFile, type LeftRecording, Recordings, type RecordingsOptions } from './recordings.ts';

/** What a recording that is read again can't be told. */
const NO_ENGINE: Engine = { pause: () => undefined, resume: () => undefined, stop: () => undefined };

export interface KeptSessionsOptions extends RecordingsOptions {
  /** What is recorded from here on would be lost with the editor. */
  readonly onLost: (name: string, error: Error) => void;
}

/** Keeps sessions on disk until they are saved or discarded, and brings back those of editors that ended before. */
export class KeptSessions {
  readonly #sources: Sources;
  readonly #recordings: Recordings;
  readonly #onLost: KeptSessionsOptions['onLost'];
  readonly #files = new WeakMap<ProfileSource, KeptFile>();

  constructor(sources: Sources, options: KeptSessionsOptions) {
    this.#sources = sources;
    this.#onLost = options.onLost;
    this.#recordings = new Recordings(options);
    sources.onDidRemove((source) => this.#forget(source));
    sources.onDidChange((source) => {
      if (source.state === 'ended' && source.isSaved) this.#forget(source);
    });
  }

  /** Starts a session, which is among the sources from then on. */
  begin(target: Target, rate: number, start: StartEngine, ordinal: number): ProfileSession {
    const file = this.#recordings.keep(
      { pid: target.pid, name: target.name, ordinal, rate },
      (error) => this.#onLost(target.name, error),
      () => snapshotOf(session.profile),
    );
    const tee: StartEngine = (options, listener) =>
      start(options, (event) => {
        file.write(event, event.type === 'ended' ? target.exit?.() : undefined);
        listener(event);
      });
    const session = new ProfileSession(this.#sources.nextId(), target, rate, tee, ordinal);
    this.#files.set(session, file);
    this.#sources.add(session);
    return session;
  }

  /** Brings back what was recorded in this workspace and neither saved nor discarded. */
  async restore(): Promise<void> {
    await this.#recordings.restore((facts, file) => this.#restored(facts, file));
  }

  /** Resolves when all that was recorded is on disk. */
  async close(): Promise<void> {
    await this.#recordings.close();
  }

  #restored({ pid, name, ordinal, rate, coarseTimes }: RecordingFacts, file: KeptFile): LeftRecording {
    let exit: Exit | undefined;
    let listen: EngineListener | undefined;
    const replay: StartEngine = (_options, listener) => {
      listen = listener;
      return NO_ENGINE;
    };
    const target = { pid, name, exit: () => exit, ...(coarseTimes === undefined ? {} : { coarseTimes }) };
    const session = new ProfileSession(this.#sources.nextId(), target, rate, replay, ordinal);
    return {
      onEvent: (event: EngineEvent) => listen?.(event),
      onExit: (read) => {
        exit = read;
      },
      onRead: () => {
        session.breakOff();
        if (!session.hasSamples) {
          session.dispose();
          void file.delete();
          return;
        }
        this.#files.set(session, file);
        this.#sources.add(session);
      },
    };
  }

  #forget(source: ProfileSource): void {
    const file = this.#files.get(source);
    this.#files.delete(source);
    void file?.delete();
  }
}
