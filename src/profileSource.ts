import type * as vscode from 'vscode';
import type { Profile } from '../profile/profile.ts';

/**
 * - `starting`: the engine looks for the interpreter; no samples yet
 * - `running`: samples come in
 * - `paused`: the engine holds still and can go on
 * - `ended`: the profile is complete; a profile opened from a file is always ended
 */
export type ProfileState = 'starting' | 'running' | 'paused' | 'ended';

/** A profile that views show: being recorded, or opened from a file. */
export interface ProfileSource {
  /** Unique in this window. */
  readonly id: string;
  /** Localised name for tabs and lists. */
  readonly title: string;
  /** Another object from the moment sampling starts; so ask for it anew on every change. */
  readonly profile: Profile;
  readonly state: ProfileState;
  /** Localised sentence on why it ended; undefined while it lasts, and where there is nothing to say. */
  readonly endMessage: string | undefined;
  /** Whether all of it is in a file of the user's. */
  readonly isSaved: boolean;
  /** About once a second while samples come in, and on every change of state. */
  readonly onDidChange: vscode.Event<void>;
}
