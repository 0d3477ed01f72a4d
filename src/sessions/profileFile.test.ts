import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { toFirefox } from '../../profile/formats/firefox.ts';
import { type FormatId, formatOf } from '../../profile/formats/registry.ts';
import { Profile } from '../../profile/profile.ts';
import { ProfileFormatError } from '../../profile/profileFormatError.ts';
import { functionTimes } from '../../profile/functionTimes.ts';
import { StackWeights } from '../../profile/weights.ts';
import { emptyDelta, recordedDelta } from '../testing/deltas.ts';
import { decodeProfile, encodeProfile as encode } from './profileFile.ts';

/** What a file of a format and a name has in it. */
const encodeProfile = (profile: Profile, id: FormatId, name = ''): Promise<Uint8Array> =>
  encode(profile, formatOf(id), name, { language: 'en', translations: {} });

describe('profile files', () => {
  const profile = new Profile({ startedAtEpoch: 1_700_000_000_000 });
  profile.append(
    recordedDelta('/srv/app.py', [
      {
        path: [
          ['main', 3],
          ['work', 9],
        ],
        count: 5,
      },
      { path: [['main', 4]], count: 2 },
    ]),
  );
  const times = (of: Profile): unknown =>
    functionTimes(new StackWeights(of)).map(({ func, self, total }) => [
      of.functions[func]!.name,
      of.functions[func]!.file,
      Math.round(self),
      Math.round(total),
    ]);

  for (const name of ['a.heatline.json.gz', 'a.heatline.json'] as const) {
    it(`opens what it saved (${name})`, async () => {
      const opened = await decodeProfile(await encodeProfile(profile, 'firefox', name));
      assert.deepEqual(times(opened), times(profile));
      assert.equal(opened.startedAtEpoch, profile.startedAtEpoch);
    });
  }

  it('saves a session that goes on as it was, whatever comes meanwhile', async () => {
    const going = new Profile({ startedAtEpoch: 1_700_000_000_000, maxRuns: 64 });
    const more = (): void => {
      const { version } = going;
      const delta = recordedDelta('/srv/app.py', [
        { path: [['main', 3]], count: 1 },
        { path: [['main', 4]], count: 2 },
      ]);
      const stacks = Uint32Array.from({ length: 40 }, (_, i) => 1 + (i % 2));
      const runs = {
        threads: new Uint32Array(40),
        stacks,
        starts: Float64Array.from(stacks, (_, i) => (version * 40 + i) * 1000),
        durations: new Float64Array(40).fill(1000),
        counts: new Uint32Array(40).fill(1),
        cpu: new Float64Array(40),
        flags: new Uint8Array(40),
      };
      going.append({ ...(version === 0 ? delta : emptyDelta({ sequence: version })), runs });
    };
    for (let round = 0; round < 10; round++) more();
    const before = times(going);
    const written = encodeProfile(going, 'firefox', 'a.heatline.json');
    for (let round = 0; round < 10; round++) more();
    assert.deepEqual(times(await decodeProfile(await written)), before);
    more();
    assert.ok(going.runs.length <= 64, `${going.runs.length}`);
    assert.notDeepEqual(times(going), before);
  });

  it('packs only its own format unless the name says so', async () => {
    assert.equal(
      gunzipSync(await encodeProfile(profile, 'firefox'))
        .subarray(0, 1)
        .toString(),
      '{',
    );
    assert.deepEqual(
      Object.keys(JSON.parse(Buffer.from(await encodeProfile(profile, 'speedscope')).toString()) as object).includes('shared'),
      true,
    );
    assert.match(Buffer.from(await encodeProfile(profile, 'raw')).toString(), /main \(.*app\.py.*work .* 5$/m);
  });

  it('opens what py-spy wrote, packed or not', async () => {
    for (const name of ['pySpy.raw', 'pySpy.speedscope', 'pySpy.chrometrace']) {
      const bytes = await readFile(new URL(`../../profile/formats/corpus/${name}`, import.meta.url));
      for (const file of [bytes, gzipSync(bytes)])
        assert.match(JSON.stringify(times(await decodeProfile(file))), /"leaf","[^"]*busy\.py",\d{5,}/, name);
    }
  });

  it('opens a file of many packed parts, from the disk, and says how far it is', async () => {
    const bytes = await encodeProfile(profile, 'firefox', 'a.json');
    const parts = Array.from({ length: 200 }, (_, i) => gzipSync(bytes.subarray((i * bytes.length) / 200, ((i + 1) * bytes.length) / 200)));
    const folder = await mkdtemp(path.join(os.tmpdir(), 'heatline-'));
    try {
      const files = { packed: Buffer.concat(parts), plain: Buffer.concat([bytes, Buffer.alloc(5_000_000, ' ')]) };
      for (const [name, content] of Object.entries(files)) {
        const file = path.join(folder, name);
        await writeFile(file, content);
        const shares: number[] = [];
        assert.deepEqual(times(await decodeProfile(file, { onProgress: (share) => shares.push(share) })), times(profile));
        if (name === 'packed') continue;
        assert.ok(shares.length > 2 && shares.every((share, i) => share > (shares[i - 1] ?? 0) && share <= 1), String(shares));
      }
      await assert.rejects(
        decodeProfile(path.join(folder, 'none')),
        (error) => !(error instanceof ProfileFormatError) && String(error).includes('ENOENT'),
      );
      await assert.rejects(decodeProfile(folder), (error) => !(error instanceof ProfileFormatError) && String(error).includes('EISDIR'));
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('ends reading when it is told to, and goes on with the next', async () => {
    const bytes = await encodeProfile(profile, 'firefox', 'a.json');
    const ended = new AbortController();
    const first = decodeProfile(Buffer.alloc(200_000_000, ' '), { signal: ended.signal, onProgress: () => ended.abort() });
    const second = decodeProfile(bytes, { signal: ended.signal });
    const third = decodeProfile(bytes);
    await assert.rejects(first, { name: 'AbortError' });
    await assert.rejects(second, { name: 'AbortError' });
    assert.deepEqual(times(await third), times(profile));
  });

  it('reads many samples in little memory', async function () {
    this.timeout(60_000);
    const rows = 400_000;
    const file = toFirefox(profile);
    const columns: Record<string, string> = {
      stack: '1',
      time: '1234.567891',
      weight: '1.234567',
      threadCPUDelta: '1000',
      counts: '1',
      cpu: '1000.25',
      flags: '1',
    };
    const text = Object.entries(columns).reduce(
      (before, [name, value]) =>
        before.replaceAll(new RegExp(`"${name}":\\[[^\\]]+\\]`, 'g'), () => `"${name}":[${value}${`,${value}`.repeat(rows - 1)}]`),
      JSON.stringify(file),
    );
    // 16 MB of text and 2.8 million values, for which JSON.parse and arrays need more heap than this.
    const opened = await decodeProfile(Buffer.from(text), { maxHeap: 24 });
    assert.equal(opened.runs.length, rows);
    assert.equal(opened.runs.starts[rows - 1], 1234567.891);
  });

  it('says how far a packed file goes that is cut off or damaged', async () => {
    const packed = Buffer.from(await encodeProfile(profile, 'firefox'));
    const half = packed.length >> 1;
    await assert.rejects(decodeProfile(packed.subarray(0, half)), new RegExp(`cut off or damaged at byte ${half} `));
    await assert.rejects(decodeProfile(packed.with(half, packed[half]! ^ 0xff)), (error) => error instanceof ProfileFormatError);
  });

  it('refuses what is no profile, with a reason', async () => {
    const broken = gzipSync('{}');
    const files = [
      Buffer.from(''),
      Buffer.from('{'),
      Buffer.from('[]'),
      Buffer.from('{"meta":{}}'),
      Buffer.from([0xff, 0xfe, 0x7b]),
      broken,
      broken.subarray(0, 12),
      Buffer.from([0x1f, 0x8b, 1, 2, 3]),
    ];
    for (const file of files)
      await assert.rejects(decodeProfile(file), (error) => error instanceof ProfileFormatError && error.message.length > 3);
  });

  it('survives files that are made to end who reads them, many at once', async function () {
    this.timeout(120_000);
    // Of many packed parts, which are unpacked as one: as many as it takes to get past every limit, where one is met.
    const bombOf = (start: string, piece: string, bytes = 450_000_000): Buffer => {
      const part = piece.repeat(Math.ceil(1_000_000 / piece.length));
      const packed = gzipSync(part);
      return Buffer.concat([gzipSync(start), ...Array.from({ length: Math.ceil(bytes / part.length) }, () => packed)]);
    };
    const file = toFirefox(profile);
    const rows = 21_000_000;
    const [beforeRows = '', afterRows = ''] = JSON.stringify({ ...file, threads: [{ ...file.threads[0], samples: 'HERE' }] }).split(
      '"HERE"',
    );
    const bombs = [
      // All of the text of these is read, and nothing kept: what is kept of so much is more than a thread may have.
      bombOf('', ' ', 200_000_000),
      bombOf('{"x":[', '{},', 100_000_000),
      bombOf('{"shared":{"frameTable":{"func":[', '0.5,', 100_000_000),
      Buffer.concat([
        bombOf(`${beforeRows}{"time":[0`, ',0', 2 * rows),
        bombOf('],"stack":[0', ',0', 2 * rows),
        gzipSync(`]}${afterRows}`),
      ]),
      // Others are found out sooner.
      ...['{},', '[],', '[', '{"a":', '1.5,{},', '{"a":1},'].map((piece) => bombOf('{"threads":[', piece)),
      bombOf('[', '{},'),
      ...['[', '{"a":'].map((piece) => bombOf('{"x":', piece)),
      bombOf('{"shared":{"stringArray":[', '"",'),
      bombOf('{"shared":{"stringArray":["', 'name'),
      bombOf('{"heatline":{"processes":[', '{"commandLine":[""]},'),
    ];
    const reasons = /more objects|more than Heatline|longer than Heatline|cut off/;
    const opened = bombs.map((bomb) =>
      assert.rejects(decodeProfile(bomb), (error) => error instanceof ProfileFormatError && reasons.test(error.message)),
    );
    const good = decodeProfile(await encodeProfile(profile, 'firefox'));
    await Promise.all(opened);
    assert.deepEqual(times(await good), times(profile));
  });

  it('refuses one long name that a million functions have', async () => {
    const file = toFirefox(profile);
    const { shared } = file;
    const count = 100_000;
    const column = <T>(value: T): T[] => Array.from({ length: count }, () => value);
    const strings = [...shared.stringArray];
    strings[shared.funcTable.name[0]!] = 'n'.repeat(1_000_000);
    const funcTable = Object.fromEntries(
      Object.entries(shared.funcTable).map(([name, values]) => [name, Array.isArray(values) ? column<unknown>(values[0]) : count]),
    );
    const text = JSON.stringify({ ...file, shared: { ...shared, stringArray: strings, funcTable } });
    await assert.rejects(decodeProfile(Buffer.from(text)), /names .* are longer than Heatline can show/);
  });
});
