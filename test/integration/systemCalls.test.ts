import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { since, title } from '../support/interpreters.ts';
import { startTarget } from '../support/target.ts';

const root = path.resolve(import.meta.dirname, '..', '..');
const script = path.join(import.meta.dirname, 'targets', 'behaviour.py');
/** What would stop, change or signal another process. */
const forbidden = [
  'ptrace',
  'process_vm_writev',
  'kill',
  'tkill',
  'tgkill',
  'rt_sigqueueinfo',
  'rt_tgsigqueueinfo',
  'pidfd_send_signal',
  'process_madvise',
  'setpriority',
  'sched_setscheduler',
  'sched_setaffinity',
];

function hasStrace(): boolean {
  try {
    execFileSync('strace', ['-V'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe('System calls of a sampler', function () {
  before(function () {
    if (!hasStrace()) {
      console.log('    (strace is not installed)');
      this.skip();
    }
  });

  for (const interpreter of since(3, 11)) {
    it(`${title(interpreter)}: one read per look, and nothing that touches the target`, async () => {
      await using target = await startTarget(interpreter, script, { arguments: ['threads'] });
      const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'heatline-strace-'));
      try {
        const log = path.join(folder, 'log');
        const args = [
          '-f',
          '-qq',
          '-e',
          `trace=process_vm_readv,openat,${forbidden.join(',')}`,
          '-e',
          'signal=none',
          '-o',
          log,
          process.execPath,
        ];
        const heatline = [
          'cli/main.ts',
          'record',
          '-p',
          String(target.pid),
          '-d',
          '1',
          '-r',
          '400',
          '-f',
          'raw',
          '-o',
          path.join(folder, 'out'),
        ];
        const child = spawn('strace', [...args, ...heatline], { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] });
        let said = '';
        child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
        const [code] = (await once(child, 'close')) as [number];
        assert.equal(code, 0, said);
        const calls = fs
          .readFileSync(log, 'latin1')
          .split('\n')
          .filter((line) => !line.includes('resumed>'));

        const touching = calls.filter((line) => forbidden.some((name) => line.includes(` ${name}(`)));
        // Its own threads may be signalled; the target's never.
        const others = touching.filter((line) => line.includes('ptrace') || line.includes('writev') || line.includes(`(${target.pid}`));
        assert.deepEqual(others, []);
        const writing = calls.filter((line) => line.includes(`"/proc/${target.pid}/`) && /O_WRONLY|O_RDWR/.test(line));
        assert.deepEqual(writing, []);

        // Looks read the same list of places again and again; whatever else was read is opening, names and verifying.
        const reads = calls.filter((line) => line.includes(`process_vm_readv(${target.pid},`)).map(placesOf);
        const counts = new Map<string, number>();
        for (const places of reads) counts.set(places, (counts.get(places) ?? 0) + 1);
        const [steady, looks] = [...counts].reduce((most, one) => (one[1] > most[1] ? one : most));
        const samples = Number(/^(\d+) samples of 5 threads/m.exec(said)?.[1]) / 5;
        assert(samples > 20, said);
        assert(steady.split('{').length > 3, steady); // at least the interpreter, and the state and data stack of the thread that runs
        assert(looks > samples - 30 && looks <= samples + 1, `${looks} steady reads for ${samples} looks`);
        const first = reads.indexOf(steady);
        const between = reads.slice(first, reads.lastIndexOf(steady)).filter((places) => places !== steady).length;
        if (process.env['HEATLINE_FIGURES'] !== undefined)
          console.log(`      ${samples} looks, ${looks} reads of the same places, ${first} reads before, ${between} others meanwhile`);
        // Ten times a second known code is verified, once a second names are read (about 40 reads for 5 threads).
        assert(between < 0.5 * samples + 200, `${between} other reads for ${samples} looks`);
      } finally {
        fs.rmSync(folder, { recursive: true, force: true });
      }
    }).timeout(60_000);
  }
});

/** The remote iovecs of a call as strace prints it: the second list. */
function placesOf(line: string): string {
  const lists = [...line.matchAll(/\[(\{.*?\})\](?=[,)]|\.\.\.)/g)];
  return lists.at(-1)?.[1] ?? '';
}
