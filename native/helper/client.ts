import { Readable } from 'node:stream';
import type { ElevationObstacle, Engine, EngineEvent, EngineListener } from '../engine.ts';
import { platform } from '../os/index.ts';
import { Command, decodeMessage, MessageReader, type HelperMessage, protocolVersion } from './messages.ts';
import { MessageError } from './parse.ts';

/** Our ends of the two streams to and from a sampling process. */
export interface HelperConnection {
  /** Its messages, in bytes; ends when it does. */
  readonly messages: Readable;
  /** Sends a byte; harmless once the other side is gone. */
  send(command: number): void;
  /** Why the messages stopped, as far as can be known; asked for when `messages` has ended too early. */
  whyEnded(): Promise<HelperEnd>;
  /** Ends the other side, by closing what it listens to, and frees everything. */
  close(): void;
}

export interface HelperEnd {
  readonly reason: ElevationObstacle;
  /** For the user: what the other side said, or an exit code; may be empty. */
  readonly detail: string;
}

/** A connection to a helper that was never started. */
export function endedConnection(end: HelperEnd): HelperConnection {
  return { messages: Readable.from([]), send: () => undefined, whyEnded: () => Promise.resolve(end), close: () => undefined };
}

/** ms */
export interface HelperPatience {
  /** Until the first message or, where a password is asked for, the answer to that. */
  readonly answer: number;
  /** From then on until sampling has begun. */
  readonly start: number;
  /** From stop until the last samples are there. */
  readonly stop: number;
}

export const patience: HelperPatience = { answer: 120_000, start: 60_000, stop: 10_000 };

/**
 * Turns what a helper says into an engine's events. Whatever is wrong with it – it says nothing, or nonsense, or
 * ends early – becomes a `failed` event and ends the connection.
 */
export function connectEngine(
  connection: HelperConnection,
  pid: number,
  listener: EngineListener,
  limits: HelperPatience = patience,
): Engine {
  return new HelperEngine(connection, pid, listener, limits);
}

class HelperEngine implements Engine {
  private readonly connection: HelperConnection;
  private readonly pid: number;
  private readonly listener: EngineListener;
  private readonly limits: HelperPatience;
  private readonly reader = new MessageReader();
  private state: 'waiting' | 'ready' | 'sampling' | 'over' = 'waiting';
  private stopping = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(connection: HelperConnection, pid: number, listener: EngineListener, limits: HelperPatience) {
    this.connection = connection;
    this.pid = pid;
    this.listener = listener;
    this.limits = limits;
    const { messages } = connection;
    messages.on('data', (chunk: Buffer) => this.receive(chunk));
    messages.on('error', () => undefined); // 'close' follows
    const onEnd = (): void => void this.explainEnd();
    messages.once('end', onEnd);
    messages.once('close', onEnd);
    this.expect(limits.answer, 'no-answer', '');
  }

  pause(): void {
    if (this.state === 'sampling') this.connection.send(Command.Pause);
  }

  resume(): void {
    if (this.state === 'sampling') this.connection.send(Command.Resume);
  }

  stop(): void {
    if (this.stopping || this.state === 'over') return;
    this.stopping = true;
    if (this.state === 'waiting') {
      this.fail('dismissed', '');
      return;
    }
    this.connection.send(Command.Stop);
    this.expect(this.limits.stop, 'broken', 'it does not stop');
  }

  private receive(chunk: Buffer): void {
    if (this.state === 'over') return;
    let messages: HelperMessage[];
    try {
      messages = this.reader.push(chunk).map(decodeMessage);
    } catch (error) {
      if (!(error instanceof MessageError)) throw error;
      this.fail('broken', error.message);
      return;
    }
    for (const message of messages) this.take(message);
  }

  private take(message: HelperMessage): void {
    if (this.state === 'over') return;
    switch (message.type) {
      case 'asking':
        break;
      case 'ready':
        if (this.state !== 'waiting' || message.protocol !== protocolVersion) {
          this.fail('broken', `it speaks version ${message.protocol}`);
          break;
        }
        this.state = 'ready';
        this.expect(this.limits.start, 'broken', 'it does not begin');
        break;
      case 'left': {
        const [reason, detail] = platform().elevation.endOf(message.code, message.signal);
        this.fail(this.state === 'waiting' ? reason : 'broken', detail);
        break;
      }
      case 'started':
        if (this.state !== 'ready') {
          this.fail('broken', 'it begins out of turn');
          break;
        }
        this.state = 'sampling';
        clearTimeout(this.timer);
        if (this.stopping) this.expect(this.limits.stop, 'broken', 'it does not stop');
        this.listener(message);
        break;
      case 'waiting':
        if (this.state === 'ready') {
          clearTimeout(this.timer); // for something else than the helper
          this.listener(message);
        } else this.fail('broken', 'it waits out of turn');
        break;
      case 'delta':
      case 'paused':
      case 'resumed':
        if (this.state === 'sampling') this.listener(message);
        else this.fail('broken', 'it sends samples before it begins');
        break;
      case 'ended':
        if (this.state === 'sampling') this.finish(message);
        else this.fail('broken', 'it ends before it begins');
        break;
      case 'looked':
        this.fail('broken', 'it looks instead of sampling');
        break;
      case 'failed':
        this.finish(message);
        break;
    }
  }

  private async explainEnd(): Promise<void> {
    if (this.state === 'over') return;
    clearTimeout(this.timer);
    const { reason, detail } = await this.connection.whyEnded();
    this.fail(this.state === 'waiting' ? reason : 'broken', detail);
  }

  private expect(milliseconds: number, reason: ElevationObstacle, detail: string): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.fail(reason, detail), milliseconds);
  }

  private fail(reason: ElevationObstacle, detail: string): void {
    // Stopped before it began: that is what the user wanted, not a failure.
    if (this.stopping && this.state !== 'sampling') this.finish({ type: 'ended', reason: 'stopped' });
    else this.finish({ type: 'failed', failure: { code: 'not-elevated', pid: this.pid, reason, detail } });
  }

  private finish(event: EngineEvent): void {
    if (this.state === 'over') return;
    this.state = 'over';
    clearTimeout(this.timer);
    this.connection.close();
    this.listener(event);
  }
}
