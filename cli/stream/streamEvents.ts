import type { EndReason, EngineFailure } from '../../native/index.ts';
import type { Quality } from '../../profile/delta.ts';

/** Grows when a member goes or means something else; new ones may come. */
export const streamVersion = 1;

/** A line of `--stream`, as docs/stream.md has it. Times are µs since the start of the recording. */
export type StreamEvent =
  | { readonly event: 'waiting'; readonly pid: number }
  | {
      readonly event: 'started';
      readonly version: typeof streamVersion;
      readonly heatline: string;
      readonly pid: number;
      readonly python: string;
      readonly rate: number | 'max';
      /** ISO 8601, of time 0. */
      readonly startedAt: string;
    }
  | {
      readonly event: 'process';
      readonly id: number;
      readonly pid: number;
      readonly parent: number | null;
      readonly name: string;
      readonly commandLine: readonly string[];
      readonly workingDirectory: string | null;
      readonly python: string;
      readonly at: number;
    }
  | { readonly event: 'process-renamed'; readonly id: number; readonly name: string }
  | { readonly event: 'process-ended'; readonly id: number; readonly at: number }
  | {
      readonly event: 'thread';
      readonly id: number;
      readonly process: number;
      readonly osId: number;
      readonly name: string;
      readonly isMain: boolean;
      readonly at: number;
    }
  | { readonly event: 'thread-renamed'; readonly id: number; readonly name: string }
  | { readonly event: 'thread-ended'; readonly id: number; readonly at: number }
  | { readonly event: 'stacks'; readonly functions: readonly StreamFunction[]; readonly stacks: readonly StreamStack[] }
  | { readonly event: 'samples'; readonly from: number; readonly until: number; readonly samples: readonly StreamSamples[] }
  | { readonly event: 'quality'; readonly until: number; readonly quality: Quality; readonly skipped: Skipped }
  | {
      readonly event: 'ended';
      readonly reason: EndReason | EngineFailure['code'];
      /** What went wrong, for people; null: nothing did. */
      readonly problem: string | null;
      /** Where the profile is that was asked for; null: nowhere. */
      readonly profile: string | null;
      /** Of a program that was started. */
      readonly exit?: { readonly code: number | null; readonly signal: string | null };
    };

export interface StreamFunction {
  readonly id: number;
  readonly name: string;
  readonly file: string;
  /** Where it begins; 0: not known. */
  readonly line: number;
}

/** A frame on top of another stack; 0 is the empty one. */
export interface StreamStack {
  readonly id: number;
  readonly parent: number;
  readonly function: number;
  /** 0: not known. */
  readonly line: number;
}

/** All samples of a time that are alike. */
export interface StreamSamples {
  readonly thread: number;
  readonly stack: number;
  readonly state: 'running' | 'ready' | 'waiting';
  readonly gil: boolean;
  readonly gc: boolean;
  readonly partial: boolean;
  readonly samples: number;
  readonly time: number;
  readonly cpu: number;
}

/** What a reader was too slow for, in all. */
export interface Skipped {
  readonly samples: number;
  readonly time: number;
}
