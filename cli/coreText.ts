import { type CoreFailure, type CoreSignal, type EngineFailure, type MissingFile, signalCause, signalName } from '../native/index.ts';
import { failureText } from './failureText.ts';
import { printable } from './taskText.ts';

const unpackers = { gzip: 'gzip -dk', lz4: 'lz4 -d', xz: 'xz -dk', bzip2: 'bzip2 -dk', zstd: 'zstd -d' } as const;
/** Errors of the system. */
const openErrors: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'you may not read it. Dumps belong to the user of the program, or to root',
};
/** Missing files that are named. */
const namedFiles = 8;

/** Why a core dump can't be read, and what to do now. Lines that do nothing to the terminal: names in it are the dump's. */
export function coreFailureText(failure: CoreFailure): string {
  return failureLines(failure).split('\n').map(printable).join('\n');
}

function failureLines(failure: CoreFailure): string {
  const { file } = failure;
  switch (failure.code) {
    case 'no-file':
      return `Can't open ${file}: ${openErrors[failure.detail] ?? failure.detail}.`;
    case 'not-core':
      return `${file} is not a core dump: ${failure.detail}.`;
    case 'other-processor':
      return `${file} is a core dump of another processor. Heatline reads those of x86-64.`;
    case 'damaged':
      return `${file} is damaged: ${failure.detail}.`;
    case 'packed':
      return failure.format === 'zstd'
        ? `This Node.js (${process.version}) can't unpack ${file}: from 22.15 on it can. Or unpack it first: ${unpackers.zstd} ${file}`
        : `Heatline unpacks .gz, .zst and .lz4, and no ${failure.format}. Unpack it first: ${unpackers[failure.format]} ${file}`;
    case 'no-room':
      return `Unpacked, ${file} is larger than the ${failure.limit} bytes that may be used in ${failure.folder}. Set TMPDIR to a folder with more room.`;
    case 'missing-files': {
      const { files } = failure;
      const more = files.length > namedFiles ? [`  … ${files.length - namedFiles} more`] : [];
      return [
        `No Python was found in ${file}. It may be in a file that the dump leaves out and that could not be had:`,
        ...files.slice(0, namedFiles).map((one) => `  ${one.path}: ${whyMissing(one)}`),
        ...more,
        'Copy the files from the machine on which the program ran, and say where they are: --search FOLDER',
      ].join('\n');
    }
  }
}

function whyMissing({ why, found }: MissingFile): string {
  if (why === 'absent') return 'not found';
  return why === 'data' ? 'not a program' : `${found ?? 'what is there'} is another build of it`;
}

/** What can't be seen in a core dump, which is no use trying again. */
export function coreTargetText(file: string, failure: EngineFailure): string {
  if (failure.code === 'not-ready')
    return `No thread of ${file} runs Python: the program was starting up or shutting down when the dump was written.`;
  return printable(`${file}: ${failureText(failure)}`);
}

/** What a signal was and why it came. @param pid of the process that got it */
export function signalText(signal: CoreSignal, pid: number): string {
  const name = signalName(signal.number);
  const cause = signalCause(signal, pid);
  switch (cause.kind) {
    case 'unmapped':
      return `${name}: nothing is mapped at ${cause.address}`;
    case 'bad-use':
      return `${name}: what is at ${cause.address} may not be used so`;
    case 'no-address':
      return `${name}: an address that can’t be one`;
    case 'unaligned':
      return `${name}: ${cause.address} is not aligned`;
    case 'no-memory':
      return `${name}: there is no memory behind ${cause.address}: the file that is mapped there has become shorter, or no memory was left`;
    case 'division':
      return `${name}: a division by zero at ${cause.address}`;
    case 'bad-instruction':
      return `${name}: what is at ${cause.address} is no instruction`;
    case 'at':
      return `${name} at ${cause.address}`;
    case 'itself':
      return `${name}, which it sent itself`;
    case 'process':
      return `${name}, which process ${cause.sender} sent`;
    case 'unknown':
      return name;
  }
}
