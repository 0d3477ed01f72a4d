import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { NO_QUALITY } from '../profile/profile.ts';
import { ProgressLine, progressText } from './progress.ts';

describe('the progress of a recording', () => {
  it('says time, samples, rate and what went wrong', () => {
    const quality = { ...NO_QUALITY, elapsed: 2_500_000, ticks: 2500, samples: 5000, lost: 1, partial: 2 };
    assert.equal(progressText(quality), '3 s, 5000 samples, 1000 looks/s, 1 lost, 2 not read to their end');
    assert.equal(progressText({ ...quality, missed: 7 }), `${progressText(quality)}, 7 looks missed`);
    assert.equal(progressText(NO_QUALITY), '0 s, 0 samples, 0 looks/s, 0 lost, 0 not read to their end');
  });

  it('is for terminals alone', async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'heatline-progress-'));
    const file = fs.openSync(path.join(folder, 'out'), 'w');
    const line = new ProgressLine(file, true);
    line.show(NO_QUALITY);
    await line.end();
    assert.equal(fs.fstatSync(file).size, 0);
    fs.closeSync(file);
    fs.rmSync(folder, { recursive: true });
  });
});
