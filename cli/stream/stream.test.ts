import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { Profile } from '../../profile/profile.ts';
import { anyDelta } from '../../profile/testing/arbitrary.ts';
import { deltaOf, pieces, NOTHING_NEW } from '../../profile/testing/build.ts';
import { EventStream } from './eventStream.ts';
import { SampleSums } from './sampleSums.ts';
import { StreamSource } from './streamSource.ts';
import { StreamReader } from './testing/streamReader.ts';

const started = { pid: 7, pythonVersion: '3.12.1', epoch: 1_700_000_000_000 };
const sum = (numbers: Iterable<number>): number => [...numbers].reduce((all, one) => all + one, 0);

describe('a stream of events', () => {
  it('has all that was recorded, however often it is taken, and in order', () => {
    fc.assert(
      fc.property(
        anyDelta,
        fc.array(fc.nat(), { maxLength: 4 }),
        fc.nat(15),
        fc.integer({ min: 1, max: 9 }),
        (delta, cuts, takes, piece) => {
          const profile = new Profile();
          const source = new StreamSource(() => profile, new SampleSums(), piece);
          const reader = new StreamReader();
          const take = (): void => {
            for (const event of source.take()) reader.read(JSON.stringify(event));
            assert.equal(source.hasMore, false);
          };
          pieces(delta, cuts).forEach((one, i) => {
            profile.append(one, { dropsRuns: true });
            source.add(one);
            if (((takes >> i) & 1) === 1) take();
          });
          take();
          assert.equal(reader.samples, sum(delta.runs.counts));
          assert.equal(sum(reader.times.values()), sum(delta.runs.durations));
          assert.deepEqual(
            reader.threads.map(({ name, isEnded }) => [name, isEnded]),
            profile.threads.map(({ name, endedAt }) => [name, endedAt !== undefined]),
          );
          assert.equal(reader.stacks.length, profile.stackCount);
        },
      ),
    );
  });

  it('says how many samples a reader was too slow for', () => {
    const profile = new Profile();
    const source = new StreamSource(() => profile, new SampleSums(2));
    const delta = deltaOf({ runs: ['f:1', 'g:1', 'h:1', 'f:1', 'i:1'].map((stack) => ({ stack })) });
    profile.append(delta);
    source.add(delta);
    const reader = new StreamReader();
    for (const event of source.take()) reader.read(JSON.stringify(event));
    assert.deepEqual([reader.samples, reader.skipped], [3, 2]);
  });

  describe('through a pipe', () => {
    let folder: string;
    let fd: number;
    const fifo = (): string => path.join(folder, 'pipe');
    before(function () {
      if (process.platform !== 'linux') this.skip();
    });
    beforeEach(() => {
      folder = fs.mkdtempSync(path.join(os.tmpdir(), 'heatline-stream-'));
      execFileSync('mkfifo', [fifo()]);
    });
    afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

    /** Many deltas, each as long as a pipe is. */
    function feed(stream: EventStream, profile: Profile, deltas: number): number {
      const runs = Array.from({ length: 1500 }, (_, i) => ({ stack: `main:1 f${i}:2` }));
      const first = deltaOf({ runs });
      for (let sequence = 0; sequence < deltas; sequence++) {
        const delta = sequence === 0 ? first : { ...first, ...NOTHING_NEW, sequence };
        profile.append(delta, { dropsRuns: true });
        stream.add(delta);
      }
      return deltas * runs.length;
    }

    it('that nobody reads adds up what comes, and loses nothing', async () => {
      // Both ends are ours: so the pipe is there without a reader, and full without one.
      fd = fs.openSync(fifo(), fs.constants.O_RDWR | fs.constants.O_NONBLOCK);
      const profile = new Profile();
      const stream = new EventStream(
        fd,
        () => profile,
        () => assert.fail('it is open'),
      );
      stream.started(started, 1000);
      const samples = feed(stream, profile, 200);
      const over = stream.end({ reason: 'stopped', problem: null, profile: null });
      const reader = new StreamReader();
      let rest = '';
      const input = fs.createReadStream(fifo(), 'utf8');
      for await (const chunk of input) {
        const lines = (rest + String(chunk)).split('\n');
        rest = lines.pop()!;
        for (const line of lines) reader.read(line);
        if (reader.ended !== undefined) break;
      }
      assert.equal(await over, null);
      fs.closeSync(fd);
      assert.equal(reader.samples, samples);
      assert.ok(reader.events.filter((event) => event === 'quality').length <= 3, reader.events.join());
      assert.deepEqual(reader.events.slice(0, 1), ['started']);
    });

    it('whose reader ends says so once, and that is no error', async () => {
      const reading = fs.openSync(fifo(), fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
      fd = fs.openSync(fifo(), fs.constants.O_WRONLY);
      fs.closeSync(reading);
      const profile = new Profile();
      let tellClosed: () => void;
      const closed = new Promise<void>((resolve) => (tellClosed = resolve));
      let times = 0;
      const stream = new EventStream(
        fd,
        () => profile,
        () => {
          times++;
          tellClosed();
        },
      );
      stream.started(started, 'max');
      await closed;
      feed(stream, profile, 3);
      assert.equal(await stream.end({ reason: 'stopped', problem: null, profile: null }), null);
      assert.equal(times, 1);
      fs.closeSync(fd);
    });

    it('that can’t be written says why', async function () {
      if (!fs.existsSync('/dev/full')) return this.skip();
      fd = fs.openSync('/dev/full', 'w');
      const stream = new EventStream(
        fd,
        () => new Profile(),
        () => undefined,
      );
      stream.waiting(7);
      assert.match((await stream.end({ reason: 'stopped', problem: null, profile: null }))!, /ENOSPC|no space/);
      fs.closeSync(fd);
    });
  });
});
