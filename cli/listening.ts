import type { EndReason, EngineEvent, EngineFailure, EngineListener } from '../native/index.ts';
import type { ProfileDelta } from '../profile/delta.ts';

/** Who is told what an engine samples. */
export interface Listener {
  /** There has been no Python yet for a while. */
  readonly waiting?: () => void;
  readonly started: (event: Extract<EngineEvent, { readonly type: 'started' }>) => void;
  readonly delta: (delta: ProfileDelta) => void;
}

/** ms after which it is worth a word that there is no Python yet. */
const silentWaiting = 1000;

/** What an engine is given to tell a listener. @returns also how it ends */
export function listening({ waiting, started, delta }: Listener): {
  readonly listener: EngineListener;
  readonly over: Promise<EndReason | EngineFailure>;
} {
  let end: (how: EndReason | EngineFailure) => void;
  const over = new Promise<EndReason | EngineFailure>((resolve) => (end = resolve));
  let timer: NodeJS.Timeout | undefined;
  const listener = (event: EngineEvent): void => {
    clearTimeout(timer);
    switch (event.type) {
      case 'waiting':
        timer = setTimeout(() => waiting?.(), silentWaiting);
        break;
      case 'started':
        started(event);
        break;
      case 'delta':
        delta(event.delta);
        break;
      case 'ended':
        end(event.reason);
        break;
      case 'failed':
        end(event.failure);
        break;
      case 'paused':
      case 'resumed':
        break;
    }
  };
  return { listener, over };
}
