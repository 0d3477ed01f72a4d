import type { Engine, EngineEvent, EngineFailure, EngineListener, HelperMessage } from '../../native/index.ts';

/** How a program ended; both null where nobody knows. */
export interface Exit {
  readonly code: number | null;
  /** For instance "SIGINT". */
  readonly signal: string | null;
}

/** What came of starting a program, as far as profiling it goes. */
export type Outcome =
  | { readonly kind: 'started'; readonly pid: number }
  | { readonly kind: 'failed'; readonly failure: EngineFailure }
  /** It ended before it could be looked into. */
  | { readonly kind: 'left'; readonly exit: Exit };

export type SamplingCommand = 'pause' | 'resume' | 'stop';

/**
 * A program that a launcher in a terminal runs and samples, told by what the launcher says. To a session it is an
 * engine: what was said before the session listens is kept for it. That the program has ended is passed on
 * together with how, which the launcher may say before or after.
 */
export class LaunchedProgram implements Engine {
  /** Resolves once; a program that is sampled also ends, and a failed one may go on. */
  readonly outcome: Promise<Outcome>;
  #decide!: (outcome: Outcome) => void;
  readonly #send: (command: SamplingCommand) => void;
  #listener: EngineListener | undefined;
  readonly #kept: EngineEvent[] = [];
  #isOver = false;
  #isToStop = false;
  #hasExited = false;
  #exit: Exit | undefined;

  constructor(send: (command: SamplingCommand) => void) {
    this.#send = send;
    this.outcome = new Promise((resolve) => (this.#decide = resolve));
  }

  /** Undefined while it runs. */
  get exit(): Exit | undefined {
    return this.#exit;
  }

  listen(listener: EngineListener): this {
    this.#listener = listener;
    for (const event of this.#kept.splice(0)) listener(event);
    return this;
  }

  pause(): void {
    this.#send('pause');
  }

  resume(): void {
    this.#send('resume');
  }

  stop(): void {
    this.#isToStop = true;
    this.#send('stop');
  }

  take(message: HelperMessage): void {
    switch (message.type) {
      case 'started':
        this.#pass(message);
        this.#decide({ kind: 'started', pid: message.pid });
        break;
      case 'failed':
        // How it ended comes next, and is more worth knowing; what is gone before it was found has ended, too.
        if (message.failure.code === 'ended-early' || message.failure.code === 'no-such-process') break;
        this.#over(message);
        this.#decide({ kind: 'failed', failure: message.failure });
        break;
      case 'ended':
        // A launcher whose program has ended stops sampling, too, and may see that first.
        if (message.reason !== 'exited' && (message.reason !== 'stopped' || this.#isToStop)) this.#over(message);
        else if (this.#exit === undefined) this.#hasExited = true;
        else this.#over({ type: 'ended', reason: 'exited' });
        break;
      case 'left':
        this.left(message);
        break;
      case 'delta':
      case 'paused':
      case 'resumed':
        this.#pass(message);
        break;
      case 'waiting': // a launched program is always waited for
      case 'asking':
      case 'ready':
      case 'looked': // nobody asks a launcher for that
        break;
    }
  }

  /** The launcher said how the program ended. The samples may still be on their way. */
  left({ code, signal }: Exit): void {
    this.#exit ??= { code, signal };
    if (this.#hasExited) this.#over({ type: 'ended', reason: 'exited' });
  }

  /** Nothing more will be said: the launcher is gone. */
  gone(exit: Exit): void {
    this.left(exit);
    this.#over({ type: 'ended', reason: 'exited' });
    this.#decide({ kind: 'left', exit: this.#exit! });
  }

  #over(event: EngineEvent): void {
    if (this.#isOver) return;
    this.#pass(event);
    this.#isOver = true;
  }

  #pass(event: EngineEvent): void {
    if (this.#isOver) return;
    if (this.#listener === undefined) this.#kept.push(event);
    else this.#listener(event);
  }
}
