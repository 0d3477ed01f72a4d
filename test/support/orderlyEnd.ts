/**
 * Makes a run of tests end in order. For mocha (--require) and for scripts that start it.
 *
 * - SIGTERM and SIGHUP end the process by way of process.exit, so that what 'exit' handlers stop
 *   (targets, servers, browsers) does not outlive the tests.
 * - What command lines keep of recordings that tests kill is in a folder of the run's own, so that no other run is told of it.
 * - A mocha that can't end because a test left something open says what that is, and fails.
 */
import fs from 'node:fs';
import { constants, tmpdir } from 'node:os';
import path from 'node:path';

/** ms after the last test in which everything must have come to rest. */
const grace = 20_000;

for (const signal of ['SIGTERM', 'SIGHUP'] as const) {
  // Later, for other listeners to pass the signal on first.
  process.on(signal, () => setImmediate(() => process.exit(128 + constants.signals[signal])));
}

const state = fs.mkdtempSync(path.join(tmpdir(), 'heatline-state-'));
process.env['XDG_STATE_HOME'] = state;
process.on('exit', () => fs.rmSync(state, { recursive: true, force: true }));

export const mochaHooks: Mocha.RootHookObject = {
  afterAll() {
    const timer = setTimeout(() => {
      console.error(`The tests are through, but they left open: ${process.getActiveResourcesInfo().join(', ')}.`);
      process.exit(97);
    }, grace);
    timer.unref();
  },
};
