import fs from 'node:fs';
import path from 'node:path';
import { asyncFolder, asyncPackages, canHaveAsyncPackages } from '../../test/support/asyncPackages.ts';
import { cacheFolder } from '../../test/support/cache.ts';
import type { Interpreter } from '../../test/support/interpreters.ts';
import { canHaveTools, findPythonTools, toolPackages, toolsFolder } from '../../test/support/pythonTools.ts';
import { run } from '../command.ts';
import type { Missing } from '../setup.ts';
import { reason } from './system.ts';

const folder = path.join(cacheFolder, 'packages');

/** Where py-spy is, if it could be had: benchmarks compare with it. */
export const pySpy = path.join(folder, 'py-spy', 'bin', 'py-spy');

/**
 * Installs Python packages into the cache: greenlet, gevent and uvloop for every interpreter that has a wheel of them, py-spy for the
 * benchmarks, and what notebooks and tests run by, for one interpreter. One folder per ABI ("3.12", "3.14t"), found by
 * test/support/interpreters.ts; "gevent-3.12" is found by test/support/asyncPackages.ts, "tools-3.13" by test/support/pythonTools.ts.
 */
export async function installPackagesForPython(say: (message: string) => void): Promise<Missing[]> {
  // Loaded here, not above: it looks for interpreters when it is loaded, and we may have just unpacked some.
  const { interpreters } = await import('../../test/support/interpreters.ts');
  const abis = [
    ...new Set(interpreters.filter(({ major }) => major === 3).map(({ minor, freeThreaded }) => `3.${minor}${freeThreaded ? 't' : ''}`)),
  ];
  const wanted = abis.filter((abi) => !fs.existsSync(path.join(folder, abi)));
  const minors = [...new Set(interpreters.filter(canHaveAsyncPackages).map(({ minor }) => minor))];
  const wantedAsync = minors
    .flatMap((minor) => asyncPackages.map((name) => ({ name, abi: `3.${minor}`, target: asyncFolder(name, { minor }) })))
    .filter(({ target }) => !fs.existsSync(target));
  const wantPySpy = !fs.existsSync(pySpy);
  const wantTools = findPythonTools(interpreters) === null;
  if (wanted.length === 0 && wantedAsync.length === 0 && !wantPySpy && !wantTools) return [];

  const pip = await findPip(interpreters.map((one) => one.path).reverse());
  if (pip === null) return [{ what: 'greenlet, gevent and uvloop', why: 'no Python here has pip', leavesOut: 'tests with them' }];
  const result: Missing[] = [];
  for (const abi of wanted) {
    const failure = await install(pip, abi, [...wheelOptions(abi), 'greenlet'], say);
    if (failure !== null)
      result.push({ what: `greenlet for Python ${abi}`, why: failure, leavesOut: `tests with greenlets on Python ${abi}` });
  }
  for (const { name, abi, target } of wantedAsync) {
    const failure = await install(pip, path.basename(target), [...wheelOptions(abi), name], say, true);
    if (failure !== null)
      result.push({ what: `${name} for Python ${abi}`, why: failure, leavesOut: `tests with ${name} on Python ${abi}` });
  }
  if (wantPySpy) {
    const failure = await install(pip, 'py-spy', ['py-spy'], say);
    if (failure !== null) result.push({ what: 'py-spy', why: failure, leavesOut: 'its rows in npm run bench' });
  }
  if (wantTools) {
    const failure = await installTools(interpreters, say);
    if (failure !== null)
      result.push({ what: toolPackages.join(' and '), why: failure, leavesOut: 'tests of notebooks, and of tests run by pytest' });
  }
  return result;
}

/** For the newest Python that has pip and gets wheels of all of it. @returns why there is none, or null */
async function installTools(interpreters: readonly Interpreter[], say: (message: string) => void): Promise<string | null> {
  let failure: string | null = 'no Python 3.11 or newer here has pip';
  for (const interpreter of interpreters.filter(canHaveTools).reverse()) {
    if ((await findPip([interpreter.path])) === null) continue;
    failure = await install(interpreter.path, path.basename(toolsFolder(interpreter)), ['--only-binary=:all:', ...toolPackages], say, true);
    if (failure === null) break;
  }
  return failure;
}

/** pip's options for fetching another interpreter's wheels, so that one pip serves all. */
function wheelOptions(abi: string): string[] {
  const version = abi.replace('t', '');
  const minor = Number(version.split('.')[1]);
  const suffix = abi.endsWith('t') ? 't' : minor < 8 ? 'm' : '';
  return ['--only-binary=:all:', '--implementation=cp', `--python-version=${version}`, `--abi=cp3${minor}${suffix}`];
}

/** Makes the folder when pip is done, whole. @returns why it failed, or null. */
async function install(
  pip: string,
  name: string,
  args: readonly string[],
  say: (message: string) => void,
  withDependencies = false,
): Promise<string | null> {
  say(`pip install ${args.filter((arg) => !arg.startsWith('-')).join(' ')} (${name})`);
  fs.mkdirSync(folder, { recursive: true });
  const temporary = fs.mkdtempSync(path.join(folder, `.${name}-`));
  try {
    await run(pip, [
      '-m',
      'pip',
      'install',
      '--quiet',
      '--disable-pip-version-check',
      ...(withDependencies ? [] : ['--no-deps']),
      '--target',
      temporary,
      ...args,
    ]);
    fs.chmodSync(temporary, 0o755);
    fs.renameSync(temporary, path.join(folder, name));
    return null;
  } catch (error) {
    const message = String(error);
    return message.includes('No matching distribution') ? 'pip finds no wheel of it' : reason(error);
  } finally {
    fs.rmSync(temporary, { recursive: true, force: true });
  }
}

async function findPip(pythons: readonly string[]): Promise<string | null> {
  for (const python of pythons) {
    const works = await run(python, ['-m', 'pip', '--version']).then(
      () => true,
      () => false,
    );
    if (works) return python;
  }
  return null;
}
