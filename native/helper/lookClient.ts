import type { ElevationObstacle, EngineFailure, LookKind } from '../engine.ts';
import { lookPatience, type LookResults } from '../look.ts';
import { platform } from '../os/index.ts';
import { TargetError } from '../targetError.ts';
import { type HelperConnection, patience } from './client.ts';
import { decodeMessage, MessageReader, type HelperMessage, protocolVersion } from './messages.ts';
import { MessageError } from './parse.ts';

/** ms, as HelperPatience has them. */
export interface LookPatience {
  readonly answer: number;
  /** From the answer until the result. */
  readonly look: number;
}

/**
 * Turns what a helper says into a look's result. Whatever is wrong with it – it says nothing, or nonsense, or ends early –
 * rejects and ends the connection.
 * @param signal cancels it
 * @throws TargetError (rejects), or the signal's reason
 */
export function connectLook<Kind extends LookKind>(
  connection: HelperConnection,
  pid: number,
  kind: Kind,
  signal?: AbortSignal,
  limits: LookPatience = { answer: patience.answer, look: lookPatience + patience.start },
): Promise<LookResults[Kind]> {
  return new Promise((resolve, reject) => {
    const reader = new MessageReader();
    let state: 'waiting' | 'looking' | 'over' = 'waiting';
    let timer: NodeJS.Timeout;
    const finish = (settle: () => void): void => {
      if (state === 'over') return;
      state = 'over';
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      connection.close();
      settle();
    };
    const fail = (failure: EngineFailure): void => finish(() => reject(new TargetError(failure)));
    const broken = (detail: string, reason: ElevationObstacle = 'broken'): void => fail({ code: 'not-elevated', pid, reason, detail });
    const expect = (milliseconds: number, reason: ElevationObstacle, detail: string): void => {
      clearTimeout(timer);
      timer = setTimeout(() => broken(detail, reason), milliseconds);
    };
    const abort = (): void => finish(() => reject(signal?.reason instanceof Error ? signal.reason : new Error('aborted')));
    const take = (message: HelperMessage): void => {
      switch (message.type) {
        case 'asking':
          break;
        case 'ready':
          if (state !== 'waiting' || message.protocol !== protocolVersion) {
            broken(`it speaks version ${message.protocol}`);
            break;
          }
          state = 'looking';
          expect(limits.look, 'broken', 'it does not end');
          break;
        case 'looked': {
          if (state !== 'looking' || message.kind !== kind) {
            broken('it says what it was not asked');
            break;
          }
          const snapshot = message.snapshot as LookResults[Kind]; // of this kind
          finish(() => resolve(snapshot));
          break;
        }
        case 'left': {
          const [reason, detail] = platform().elevation.endOf(message.code, message.signal);
          broken(detail, state === 'waiting' ? reason : 'broken');
          break;
        }
        case 'failed':
          fail(message.failure);
          break;
        case 'waiting':
        case 'started':
        case 'delta':
        case 'paused':
        case 'resumed':
        case 'ended':
          broken('it samples instead of looking');
          break;
      }
    };
    const explainEnd = async (): Promise<void> => {
      if (state === 'over') return;
      clearTimeout(timer);
      const { reason, detail } = await connection.whyEnded();
      broken(detail, state === 'waiting' ? reason : 'broken');
    };
    connection.messages.on('data', (chunk: Buffer) => {
      if (state === 'over') return;
      try {
        for (const bytes of reader.push(chunk)) take(decodeMessage(bytes));
      } catch (error) {
        if (!(error instanceof MessageError)) throw error;
        broken(error.message);
      }
    });
    connection.messages.on('error', () => undefined); // 'close' follows
    connection.messages.once('end', () => void explainEnd());
    connection.messages.once('close', () => void explainEnd());
    expect(limits.answer, 'no-answer', '');
    if (signal?.aborted === true) abort();
    else signal?.addEventListener('abort', abort);
  });
}
