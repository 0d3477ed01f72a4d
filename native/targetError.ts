import type { EngineFailure } from './engine.ts';

/**
 * A target can't be looked at, or not any more. Carries the failure in the form that crosses thread
 * borders; the message is for logs, the user's wording belongs to the faces.
 */
export class TargetError extends Error {
  readonly failure: EngineFailure;

  constructor(failure: EngineFailure) {
    super(JSON.stringify(failure));
    this.name = 'TargetError';
    this.failure = failure;
  }
}

/** What an error comes to that need not be a TargetError. */
export function failureOf(error: unknown): EngineFailure {
  if (error instanceof TargetError) return error.failure;
  return { code: 'internal', detail: error instanceof Error ? error.message : String(error) };
}
