import assert from 'node:assert/strict';
import { samplingOptions, samplingSwitches, switchArguments } from './samplingOptions.ts';

describe('Options of sampling', () => {
  it('are taken from what holds more, without what is off or not said', () => {
    const command = {
      name: 'record',
      pid: 1,
      rate: 100,
      tasks: true,
      subprocesses: false,
      maxStopped: 0,
      native: 'all',
      output: 'x',
    } as const;
    assert.deepEqual(samplingOptions(command), { rate: 100, tasks: true, maxStopped: 0, native: 'all' });
    assert.deepEqual(samplingOptions({ rate: 'max', duration: undefined } as never), { rate: 'max' });
  });

  it('are said by their names where they are on or off', () => {
    for (const name of samplingSwitches) {
      assert.deepEqual(switchArguments({ [name]: true }), [`--${name}`]);
      assert.deepEqual(switchArguments({ [name]: false }), []);
    }
  });
});
