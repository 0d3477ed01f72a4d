import type { Readable } from 'node:stream';
import type { ElevationObstacle, Engine, EngineEvent, EngineListener } from '../engine.ts';
import { Command, decodeMessage, FrameReader, type HelperMessage, protocolVersion } from './frames.ts';
import { FrameError } from './parse.ts';

/** The two ends of a sampling process that are ours. */
export interface HelperConnection {
  /** Its frames; ends when it does. */
  readonly messages: Readable;
  /** Sends a byte; harmless when nobody is there any more. */
  send(command: number): void;
  /** Why no frames come any more, as far as can be known; asked for when `messages` has ended too early. */
  whyEnded(): Promise<HelperEnd>;
  /** Ends the other side, by closing what it listens to, and frees everything. */
  close(): void;
}

export interface HelperEnd {
  readonly reason: ElevationObstacle;
  /** For the user: what the other side said, or an exit code; may be empty. */
  readonly detail: string;
}

/** ms */
export interface HelperPatience {
  /** Until the first frame or, where a password is asked for, the answer to that. */
  readonly answer: number;
  /** From then on until sampling has begun. */
  readonly start: number;
  /** From stop until the last samples are there. */
  readonly stop: number;
}

export const patience: HelperPatience = { answer: 120_000, start: 60_000, stop: 10_000 };

/**
 * Takes what a helper says for an engine's events. Whatever is wrong with it – it says nothing, or nonsense, or
 * ends early – comes as a `failed` event, and ends it.
 */
export function connectEngine(connection: HelperConnection, pid: number, listener: EngineListener, limits: HelperPatience = patience): Engine {
  return new HelperEngine(connection, pid, listener, limits);
}

class HelperEngine implements Engine {
  private readonly connection: HelperConnection;
  private readonly pid: number;
  private readonly listener: EngineListener;
  private readonly limits: HelperPatience;
  private readonly reader = new FrameReader();
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
      if (!(error instanceof FrameError)) throw error;
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
        const [reason, detail] = endOf(message.code, message.signal);
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
    // Who wanted to stop before it began has what they wanted.
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

/** What an exit of sudo or pkexec means. */
export function endOf(code: number | null, signal: string | null, says = ''): [reason: ElevationObstacle, detail: string] {
  const detail = says === '' ? describeExit(code, signal) : says;
  // pkexec(1): 126 when the dialog was dismissed; 127 when the user may not, or nothing could ask: "No authentication agent found",
  // "Error getting authority" (src/programs/pkexec.c).
  if (code === 126 || signal === 'SIGINT' || code === 130) return ['dismissed', detail];
  if (code === 127) return [/agent|authority/i.test(says) ? 'unavailable' : 'refused', detail];
  // sudo(8): 1 when the user may not or the password was wrong. The helper itself says more than that.
  if (code === 1) return ['refused', detail];
  return ['broken', detail];
}

function describeExit(code: number | null, signal: string | null): string {
  return signal === null ? `it ended with code ${code ?? 'unknown'}` : `it was ended by ${signal}`;
}
