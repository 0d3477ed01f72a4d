import path from 'node:path';
import type { EndReason, EngineEvent, EngineFailure, EngineOptions } from '../../native/engine.ts';
import { prepareSeparateEngine, startEngine } from '../../native/index.ts';
import { Profile } from '../../profile/profile.ts';

export interface Recording {
  readonly profile: Profile;
  readonly reason: EndReason;
  readonly events: readonly EngineEvent['type'][];
}

export class EngineFailed extends Error {
  readonly failure: EngineFailure;
  constructor(failure: EngineFailure) {
    super(JSON.stringify(failure));
    this.failure = failure;
  }
}

/**
 * Runs the engine as the editor does, in its worker thread, until it ends. Rejects with EngineFailed when it fails.
 * @param enough how many samples to take before it is stopped, or what says of the profile so far that it may be: on a busy machine a
 * duration says little of how much was seen
 */
export function sample(options: EngineOptions, enough?: number | ((profile: Profile) => boolean)): Promise<Recording> {
  return new Promise((resolve, reject) => {
    let profile = new Profile();
    const events: EngineEvent['type'][] = [];
    const engine = startEngine(enough === undefined ? options : { deltaInterval: 50, ...options }, (event) => {
      events.push(event.type);
      if (event.type === 'started') profile = new Profile({ startedAtEpoch: event.epoch });
      else if (event.type === 'delta') {
        profile.append(event.delta);
        if (typeof enough === 'number' ? profile.quality.samples >= enough : enough?.(profile) === true) engine.stop();
      } else if (event.type === 'ended') resolve({ profile, reason: event.reason, events });
      else if (event.type === 'failed') reject(new EngineFailed(event.failure));
    });
  });
}

/** Samples in a process that did not start the target, as native frames need it, until it is enough. */
export function sampleSeparately(options: EngineOptions, enough: (profile: Profile) => boolean): Promise<Profile> {
  return new Promise((resolve, reject) => {
    const profile = new Profile();
    const engine = prepareSeparateEngine(
      path.join(import.meta.dirname, '../../cli/main.ts'),
      { deltaInterval: 50, ...options },
      (event) => {
        if (event.type === 'delta') {
          profile.append(event.delta);
          if (enough(profile)) engine.stop();
        } else if (event.type === 'ended') resolve(profile);
        else if (event.type === 'failed') reject(new EngineFailed(event.failure));
      },
    );
    void engine.loaded.then(() => engine.begin({ pid: options.pid }));
  });
}
