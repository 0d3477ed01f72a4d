import * as vscode from 'vscode';
import { MAX_BYTES } from '../../profile/formats/jsonBudget.ts';
import type { Profile } from '../../profile/profile.ts';
import { ProfileFormatError } from '../../profile/profileFormatError.ts';
import type { ProfileSource } from '../profileSource.ts';
import { baseName } from '../files/pathMatch.ts';
import { decodeProfile } from './profileFile.ts';
import type { ReadingOptions } from './readerThread.ts';

/** A profile read from a file. */
export class OpenedProfile implements ProfileSource {
  readonly id: string;
  readonly uri: vscode.Uri;
  readonly title: string;
  readonly profile: Profile;
  readonly state = 'ended';
  readonly endMessage = undefined;
  readonly isSaved = true;

  constructor(id: string, uri: vscode.Uri, profile: Profile) {
    this.id = id;
    this.uri = uri;
    const name = baseName(uri.path);
    this.title = profile.exactCounts === undefined ? name : vscode.l10n.t('{0} (exact counts)', name);
    this.profile = profile;
  }

  /** Never changes. */
  readonly onDidChange: vscode.Event<void> = () => new vscode.Disposable(() => undefined);

  /**
   * @param size of the file, bytes
   * @throws ProfileFormatError, or vscode.FileSystemError or Error if it can't be read, or reading was ended
   */
  static async read(id: string, uri: vscode.Uri, size: number, options: ReadingOptions): Promise<OpenedProfile> {
    if (size > MAX_BYTES) throw new ProfileFormatError(`This file is too big: more than ${MAX_BYTES / 1024 / 1024} MB.`);
    // The thread reads what is on the disk piece by piece. Other file systems know only whole files.
    const source = uri.scheme === 'file' ? uri.fsPath : await vscode.workspace.fs.readFile(uri);
    return new OpenedProfile(id, uri, await decodeProfile(source, options));
  }
}
