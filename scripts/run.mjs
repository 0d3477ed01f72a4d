// Runs a script of this project on the project's own Node (the `node` package), after installing
// the npm packages if they are missing or older than package-lock.json. A bare clone starts here, on
// whatever Node the machine has (20 or newer): plain JavaScript, nothing but Node's own modules.
//
//   node scripts/run.mjs                        only sees to the packages
//   node scripts/run.mjs SCRIPT [ARGUMENT…]     then runs SCRIPT and exits as it does
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import path from 'node:path';

const root = path.dirname(import.meta.dirname);
const modules = path.join(root, 'node_modules');
const node = path.join(modules, 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
const stamp = path.join(modules, '.heatline-lock');

/** npm's own script: the npm that started us, else the one on the PATH. */
function findNpm() {
  const started = process.env.npm_execpath;
  if (started !== undefined && started.endsWith('.js')) return started;
  for (const folder of (process.env.PATH ?? '').split(path.delimiter)) {
    const npm = path.join(folder, 'npm');
    if (path.isAbsolute(folder) && existsSync(npm)) {
      const script = realpathSync(npm);
      if (script.endsWith('.js')) return script;
    }
    const beside = path.join(folder, 'node_modules', 'npm', 'bin', 'npm-cli.js');
    if (path.isAbsolute(folder) && existsSync(beside)) return beside;
  }
  fail('npm was not found. Install Node.js with npm, then try again.');
}

function installPackages(npm) {
  const lock = createHash('sha256')
    .update(readFileSync(path.join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && existsSync(node) && readFileSync(stamp, 'utf8') === lock) return;
  console.log('Installing npm packages (450, some 300 MB): half a minute or so, once …');
  const flags = ['--no-audit', '--no-fund', '--loglevel=error'];
  const installed = spawnSync(process.execPath, [npm, 'ci', ...flags], { cwd: root, stdio: 'inherit' });
  if (installed.status !== 0) fail('npm ci failed: its messages are above.');
  if (!existsSync(node)) {
    fail(
      'The package "node" is installed without its program, because npm was told to run no install scripts. ' +
        'Allow them (npm config get ignore-scripts must say false), then try again.',
    );
  }
  writeFileSync(stamp, lock);
}

/** @returns {never} */
function fail(message) {
  console.error(message);
  process.exit(1);
}

const npm = findNpm();
installPackages(npm);
const [script, ...args] = process.argv.slice(2);
if (script !== undefined) {
  const variables = { ...process.env, npm_execpath: npm };
  variables.PATH = [path.join(modules, '.bin'), path.dirname(node), variables.PATH ?? ''].join(path.delimiter);
  const child = spawn(node, [path.resolve(root, script), ...args], { cwd: root, stdio: 'inherit', env: variables });
  // Ctrl-C reaches the whole foreground group: let the script end in its own way and pass on its result.
  process.on('SIGINT', () => undefined);
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('close', (code, signal) => process.exit(signal ? 128 + constants.signals[signal] : (code ?? 1)));
}
