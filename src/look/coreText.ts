import * as vscode from 'vscode';
import { type CoreFailure, type CoreSignal, type EngineFailure, type MissingFile, signalCause, signalName } from '../../native/index.ts';
import { failureMessage } from '../sessions/failureMessage.ts';

/** Missing files that are named in a message. */
const NAMED = 4;
const UNPACK = { gzip: 'gzip -dk', lz4: 'lz4 -d', xz: 'xz -dk', bzip2: 'bzip2 -dk', zstd: 'zstd -d' } as const;

/** Why a core dump can't be read, and what to do now. */
export function coreFailureText(failure: CoreFailure): string {
  const { t } = vscode.l10n;
  const { file } = failure;
  switch (failure.code) {
    case 'no-file':
      return failure.detail === 'ENOENT'
        ? t('There is no file {0}.', file)
        : failure.detail === 'EACCES'
          ? t(
              'You may not read {0}: core dumps belong to the user of the program, or to root. Copy it, or change its owner, in a terminal.',
              file,
            )
          : t('{0} can’t be opened: {1}', file, failure.detail);
    case 'not-core':
      return t('{0} is not a core dump: {1}. Choose another file.', file, failure.detail);
    case 'other-processor':
      return t('{0} is a core dump of another processor. Heatline reads those of Linux on x86-64.', file);
    case 'damaged':
      return t('{0} is damaged: {1}.', file, failure.detail);
    case 'packed':
      return t(
        '{0} is packed with {1}, which can’t be unpacked here. Unpack it first: {2}',
        file,
        failure.format,
        `${UNPACK[failure.format]} ${file}`,
      );
    case 'no-room':
      return t(
        'Unpacked, {0} has more than the {1} bytes that may be used in {2}. Unpack it yourself where there is room, and open that file.',
        file,
        failure.limit,
        failure.folder,
      );
    case 'missing-files': {
      const named = failure.files.slice(0, NAMED).map(missingText);
      const more = failure.files.length - NAMED;
      return t(
        'No Python was found in {0}. It may be in a file that the dump leaves out and that could not be had: {1}. Copy these files from the machine on which the program ran, and choose their folder.',
        file,
        [...named, ...(more > 0 ? [t('{0} more', more)] : [])].join('; '),
      );
    }
  }
}

function missingText({ path, why, found }: MissingFile): string {
  const { t } = vscode.l10n;
  switch (why) {
    case 'absent':
      return t('{0} (not found)', path);
    case 'other-build':
      return t('{0} ({1} is another build of it)', path, found ?? '');
    case 'data':
      return t('{0} (not a program)', path);
  }
}

/** What can't be seen in a core dump, which is no use trying again. @param name of the file */
export function coreTargetText(name: string, failure: EngineFailure): string {
  if (failure.code === 'not-ready')
    return vscode.l10n.t('No thread in {0} runs Python: the program was starting up or shutting down when the dump was written.', name);
  return failureMessage(failure, name).text;
}

/** What a signal was and why it came. @param pid of the process that got it */
export function signalText(signal: CoreSignal, pid: number): string {
  const { t } = vscode.l10n;
  const name = signalName(signal.number);
  const cause = signalCause(signal, pid);
  switch (cause.kind) {
    case 'unmapped':
      return t('{0}: nothing is mapped at {1}', name, cause.address);
    case 'bad-use':
      return t('{0}: what is at {1} may not be used so', name, cause.address);
    case 'no-address':
      return t('{0}: an address that can’t be one', name);
    case 'unaligned':
      return t('{0}: {1} is not aligned', name, cause.address);
    case 'no-memory':
      return t(
        '{0}: there is no memory behind {1}: the file that is mapped there has become shorter, or no memory was left',
        name,
        cause.address,
      );
    case 'division':
      return t('{0}: a division by zero at {1}', name, cause.address);
    case 'bad-instruction':
      return t('{0}: what is at {1} is no instruction', name, cause.address);
    case 'at':
      return t('{0} at {1}', name, cause.address);
    case 'itself':
      return t('{0}, which it sent itself', name);
    case 'process':
      return t('{0}, which process {1} sent', name, cause.sender);
    case 'unknown':
      return name;
  }
}
