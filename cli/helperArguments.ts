import { type HelperLook, type HelperOptions, samplingSwitches } from '../native/index.ts';
import { integer, parseDuration, parsePid, parseRate, UsageError } from './values.ts';

/** Not for people: what an editor or `elevate` starts as root. */
export interface HelperCommand {
  readonly name: 'helper';
  readonly options: HelperOptions | HelperLook;
}

/** Not for people: asks for a password in the terminal it runs in, and starts the helper. */
export interface ElevateCommand {
  readonly name: 'elevate';
  readonly options: HelperOptions | HelperLook;
  /** Named pipes: where messages go, and where commands come from. */
  readonly events: string;
  readonly commands: string;
}

const valued = ['--pid', '--start-time', '--rate', '--duration', '--max-stopped', '--look'];
const samplingFlags = samplingSwitches.map((name) => `--${name}`);
const lookFlags = ['--locals', '--never-stop'];
const flags = [...samplingFlags, ...lookFlags];

/** @throws UsageError */
export function parseHelper(args: readonly string[]): HelperCommand {
  const given = split(args, [...valued, '--broker']);
  const options = optionsOf(given);
  const broker = given.get('--broker');
  if (broker === undefined) return { name: 'helper', options };
  if ('look' in options) throw new UsageError('--broker makes no sense with --look');
  return { name: 'helper', options: { ...options, broker: integer(broker, 1023, 'an open file') } };
}

/** @throws UsageError */
export function parseElevate(args: readonly string[]): ElevateCommand {
  const given = split(args, [...valued, '--events', '--commands']);
  return { name: 'elevate', options: optionsOf(given), events: required(given, '--events'), commands: required(given, '--commands') };
}

function optionsOf(given: ReadonlyMap<string, string>): HelperOptions | HelperLook {
  const target = {
    pid: parsePid(required(given, '--pid')),
    startTime: integer(required(given, '--start-time'), Number.MAX_SAFE_INTEGER, 'a start time'),
  };
  const look = given.get('--look');
  if (look !== undefined) {
    const other = ['--rate', '--duration', '--max-stopped', ...samplingFlags].find((name) => given.has(name));
    if (other !== undefined) throw new UsageError(`${other} makes no sense with --look`);
    if (look !== 'tasks' && look !== 'greenlets' && look !== 'threads') throw new UsageError(`'${look}' can't be looked at`);
    const wrong = look === 'threads' ? undefined : lookFlags.find((name) => given.has(name));
    if (wrong !== undefined) throw new UsageError(`${wrong} makes no sense with --look ${look}`);
    return {
      ...target,
      look,
      ...(given.has('--locals') ? { locals: true } : {}),
      ...(given.has('--never-stop') ? { neverStop: true } : {}),
    };
  }
  const lookFlag = lookFlags.find((name) => given.has(name));
  if (lookFlag !== undefined) throw new UsageError(`${lookFlag} makes no sense without --look`);
  const duration = given.get('--duration');
  const maxStopped = given.get('--max-stopped');
  return {
    ...target,
    rate: parseRate(required(given, '--rate')),
    ...(duration === undefined ? {} : { duration: parseDuration(duration) }),
    ...Object.fromEntries(samplingSwitches.filter((name) => given.has(`--${name}`)).map((name) => [name, true])),
    ...(maxStopped === undefined ? {} : { maxStopped: parseShare(maxStopped) }),
  };
}

/** As `String` writes what EngineOptions.maxStopped may be. */
function parseShare(text: string): number {
  const share = /^0(\.\d{1,20})?$/.test(text) ? Number(text) : NaN;
  if (!(share <= 0.5)) throw new UsageError(`'${text}' is no share of the time`);
  return share;
}

function required(given: ReadonlyMap<string, string>, name: string): string {
  const value = given.get(name);
  if (value === undefined) throw new UsageError(`${name} is needed`);
  return value;
}

/** Stricter than parseArgs, since root runs it: each option once, whole, its value apart, and nothing else. */
function split(args: readonly string[], names: readonly string[]): Map<string, string> {
  const given = new Map<string, string>();
  for (let i = 0; i < args.length; i++) {
    const name = args[i]!;
    const isFlag = flags.includes(name);
    if (!isFlag && !names.includes(name)) throw new UsageError(`unexpected argument '${name}'`);
    if (given.has(name)) throw new UsageError(`${name} is given twice`);
    const value = isFlag ? '' : args[++i];
    if (value === undefined) throw new UsageError(`${name} needs a value`);
    given.set(name, value);
  }
  return given;
}
