import assert from 'node:assert/strict';
import { gunzipSync, gzipSync } from 'node:zlib';
import { toFirefox } from '../../profile/formats/firefox.ts';
import { Profile } from '../../profile/profile.ts';
import { ProfileFormatError } from '../../profile/profileFormatError.ts';
import { functionTimes } from '../../profile/functionTimes.ts';
import { StackWeights } from '../../profile/weights.ts';
import { recordedDelta } from '../testing/deltas.ts';
import { decodeProfile, encodeProfile, formatOfName } from './profileFile.ts';

describe('profile files', () => {
  const profile = new Profile({ startedAtEpoch: 1_700_000_000_000 });
  profile.append(recordedDelta('/srv/app.py', [{ path: [['main', 3], ['work', 9]], count: 5 }, { path: [['main', 4]], count: 2 }]));
  const times = (of: Profile): unknown =>
    functionTimes(new StackWeights(of)).map(({ func, self, total }) => [of.functions[func]!.name, of.functions[func]!.file, Math.round(self), Math.round(total)]);

  for (const format of ['heatline', 'firefox'] as const) {
    it(`opens what it saved (${format})`, async () => {
      const opened = await decodeProfile(await encodeProfile(profile, format));
      assert.deepEqual(times(opened), times(profile));
      assert.equal(opened.startedAtEpoch, profile.startedAtEpoch);
    });
  }

  it('saves packed only in its own format', async () => {
    assert.equal(gunzipSync(await encodeProfile(profile, 'heatline')).subarray(0, 1).toString(), '{');
    assert.deepEqual(Object.keys(JSON.parse(Buffer.from(await encodeProfile(profile, 'speedscope')).toString()) as object).includes('shared'), true);
    assert.match(Buffer.from(await encodeProfile(profile, 'collapsed')).toString(), /main \(.*app\.py.*work .* 5$/m);
  });

  it('refuses what is no profile, with a reason', async () => {
    const broken = gzipSync('{}');
    const files = [Buffer.from(''), Buffer.from('{'), Buffer.from('[]'), Buffer.from('{"meta":{}}'), Buffer.from([0xff, 0xfe, 0x7b]), broken, broken.subarray(0, 12), Buffer.from([0x1f, 0x8b, 1, 2, 3])];
    for (const file of files) await assert.rejects(decodeProfile(file), (error) => error instanceof ProfileFormatError && error.message.length > 3);
  });

  it('survives files that are made to end who reads them, a hundred at once', async function () {
    this.timeout(300_000);
    // Of many packed parts, which are unpacked as one.
    const bombOf = (piece: string, bytes: number): Buffer => {
      const part = piece.repeat(Math.ceil(1_000_000 / piece.length));
      const packed = gzipSync(part);
      return Buffer.concat([gzipSync('['), ...Array.from({ length: Math.ceil(bytes / part.length) }, () => packed)]);
    };
    const file = toFirefox(profile);
    const rows = 7_000_000;
    const samples = `{"time":[0${',0'.repeat(rows)}],"stack":[null${',null'.repeat(rows)}]}`;
    const bombs = [
      gzipSync(JSON.stringify({ ...file, threads: [{ ...file.threads[0], samples: 'HERE' }] }).replace('"HERE"', samples), { level: 1 }),
      ...['{},', '[],', '[', '{"a":', '1.5,{},', '{"a":1},'].map((piece) => bombOf(piece, 450_000_000)),
    ];
    const files = [bombOf(' ', 530_000_000), ...Array.from({ length: 99 }, (_, i) => bombs[i % 20] ?? bombs[1 + (i % 6)]!)];
    const opened = files.map((bomb) => assert.rejects(decodeProfile(bomb), (error) => error instanceof ProfileFormatError && /too big|more objects|more than Heatline/.test(error.message)));
    const good = decodeProfile(await encodeProfile(profile, 'heatline'));
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
    const funcTable = Object.fromEntries(Object.entries(shared.funcTable).map(([name, values]) => [name, Array.isArray(values) ? column<unknown>(values[0]) : count]));
    const text = JSON.stringify({ ...file, shared: { ...shared, stringArray: strings, funcTable } });
    await assert.rejects(decodeProfile(Buffer.from(text)), /names .* are longer than Heatline can show/);
  });

  it('tells the format by the name of the file', () => {
    const names = ['/a/b.heatline.json.gz', 'b.heatline.json', 'b.speedscope.json', 'b.collapsed.txt', 'b.folded', 'b.JSON', 'b'];
    assert.deepEqual(names.map(formatOfName), ['heatline', 'firefox', 'speedscope', 'collapsed', 'collapsed', 'firefox', undefined]);
  });
});
