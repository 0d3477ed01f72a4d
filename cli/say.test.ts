import assert from 'node:assert/strict';
import fs from 'node:fs';
import { failureText } from './failureText.ts';
import { say } from './say.ts';

describe('say', () => {
  const { writeSync } = fs;
  let said = '';

  beforeEach(() => {
    said = '';
    fs.writeSync = ((_: number, text: string) => (said += text).length) as typeof fs.writeSync;
  });
  afterEach(() => (fs.writeSync = writeSync));

  it('says nothing that would steer the terminal, whatever a program is called', () => {
    const executable = '/tmp/\u001b]0;owned\u0007\u001b[2J\rheatline\u202e';
    assert.equal(say(`heatline: ${failureText({ code: 'not-python', pid: 7, executable })}`, 3), 3);
    assert.equal(said, 'heatline: Process 7 (/tmp/�]0;owned��[2J�heatline�) is not Python.\n');
  });

  it('keeps lines apart', () => {
    say('one\ntwo');
    assert.equal(said, 'one\ntwo\n');
  });
});
