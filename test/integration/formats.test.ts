import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync, gzipSync } from 'node:zlib';
import { writtenFormats } from '../../profile/formats/registry.ts';
import { toFirefox } from '../../profile/formats/firefox.ts';
import { profileOf } from '../../profile/testing/build.ts';
import { interpreters, title } from '../support/interpreters.ts';

const cli = path.resolve(import.meta.dirname, '../../cli/main.ts');
const run = promisify(execFile);

/** A program that calls. */
const CALLS = `def leaf(n):
    total = 0
    for i in range(n):
        total += i * i
    return total

def call(n):
    return leaf(n)

def recurse(depth):
    return recurse(depth - 1) if depth else leaf(2000)

def main():
    for i in range(100):
        leaf(1000)
        call(1000)
        recurse(5)

main()
`;

/** What `heatline convert` did. */
async function convert(...args: readonly string[]): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  try {
    return { code: 0, ...(await run(process.execPath, [cli, 'convert', ...args])) };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, stdout, stderr };
  }
}

describe('converted profiles', function () {
  this.timeout(60_000);
  let folder: string;
  const inside = (name: string): string => path.join(folder, name);
  const profile = profileOf({
    files: { g: '/work/lib.py', h: 'Größe.py' },
    runs: [
      { stack: 'main:1 f:11 g:31', count: 600 },
      { stack: 'main:2 f:12 f:11 g:32', count: 300 },
      { stack: 'main:2 h:4', count: 100 },
    ],
  });

  before(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'heatline-'));
    await writeFile(inside('in.heatline.json.gz'), gzipSync(JSON.stringify(toFirefox(profile))));
  });
  after(() => rm(folder, { recursive: true }));

  it('are written in every format there is, by the ending of the name, and what is lost is said', async () => {
    for (const { endings, lacks, name } of writtenFormats) {
      const out = inside(`out${endings[0]!}`);
      const { code, stderr } = await convert(inside('in.heatline.json.gz'), out);
      assert.equal(code, 0, stderr);
      assert.ok(stderr.includes(name) && (lacks === null || stderr.includes(lacks)), stderr);
      assert.ok((await readFile(out)).length > 100, out);
    }
  });

  it('go from one format to another and back with the same lines', async () => {
    const { stdout } = await convert(inside('in.heatline.json.gz'), '-', '-f', 'raw');
    const lines = (text: string): string[] => text.split('\n').sort();
    assert.match(stdout, /^main \(\/work\/app\.py:1\);f \(\/work\/app\.py:11\);g \(\/work\/lib\.py:31\) 600$/m);
    await writeFile(inside('a.folded.gz'), gzipSync(stdout));
    const back = await convert(inside('a.folded.gz'), inside('b.heatline.json.gz'));
    assert.equal(back.code, 0, back.stderr);
    assert.deepEqual(lines((await convert(inside('b.heatline.json.gz'), '-', '-f', 'raw')).stdout), lines(stdout));
  });

  it('are refused with a reason, not with a crash', async () => {
    const bytes = await readFile(inside('in.heatline.json.gz'));
    await writeFile(inside('cut.gz'), bytes.subarray(0, bytes.length / 2));
    await writeFile(inside('cut.json'), gunzipSync(bytes).subarray(0, 500));
    await writeFile(inside('program.py'), 'print(1)\n');
    const cases: readonly (readonly [string, RegExp])[] = [
      ['cut.gz', /the packed file is cut off or damaged/],
      ['cut.json', /cut off after 500 bytes/],
      ['program.py', /no profile in a format that Heatline can read/],
      ['none', /no such file or directory/],
    ];
    for (const [name, reason] of cases) {
      const { code, stderr } = await convert(inside(name), inside('never.svg'));
      assert.equal(code, 1, stderr);
      assert.match(stderr, reason);
      assert.ok(!stderr.includes('    at '), stderr);
      assert.ok(!existsSync(inside('never.svg')));
    }
  });

  it('are never written over what is read', async () => {
    const file = inside('same.heatline.json.gz');
    await copyFile(inside('in.heatline.json.gz'), file);
    await symlink(file, inside('link.svg'));
    const { code, stderr } = await convert(file, '-o', inside('link.svg'));
    assert.equal(code, 1, stderr);
    assert.match(stderr, /link\.svg is what is read: .* Name another file\.\n$/);
    assert.deepEqual(await readFile(file), await readFile(inside('in.heatline.json.gz')));
  });

  for (const interpreter of new Set([interpreters[0]!, interpreters.at(-1)!])) {
    it(`as pstats are what Python’s own reader says (${title(interpreter)})`, async () => {
      const out = inside('out.pstats');
      await convert(inside('in.heatline.json.gz'), out);
      const program = `
import json, pstats, sys
stats = pstats.Stats(sys.argv[1])
print(json.dumps(sorted([n, round(tt, 6), round(ct, 6), sorted([c[2], round(v[3], 6)] for c, v in callers.items())]
    for (_, _, n), (_, _, tt, ct, callers) in stats.stats.items())))`;
      const { stdout } = await run(interpreter.path, ['-c', program, out]);
      assert.deepEqual(JSON.parse(stdout), [
        [
          'f',
          0,
          0.9,
          [
            ['f', 0.3],
            ['main', 0.9],
          ],
        ],
        ['g', 0.9, 0.9, [['f', 0.9]]],
        ['h', 0.1, 0.1, [['main', 0.1]]],
        ['main', 0, 1, []],
      ]);
    });
  }

  for (const interpreter of new Set([interpreters[0]!, interpreters[interpreters.length >> 1]!, interpreters.at(-1)!])) {
    it(`have the times that cProfile wrote (${title(interpreter)})`, async () => {
      const out = inside('cProfile.pstats');
      await writeFile(inside('program.py'), CALLS);
      await run(interpreter.path, ['-m', 'cProfile', '-o', out, inside('program.py')]);
      const { code, stdout, stderr } = await convert(out, '-', '-f', 'json');
      assert.equal(code, 0, stderr);
      assert.match(stderr, /pstats has no stacks, only who called whom/);
      const { functions, functionTimes } = JSON.parse(stdout) as {
        functions: { name: string; line: number }[];
        functionTimes: { function: number; self: number; total: number }[];
      };
      const program = `
import json, pstats, sys
print(json.dumps([[n, l, tt * 1e6, ct * 1e6] for (f, l, n), (_, _, tt, ct, _) in pstats.Stats(sys.argv[1]).stats.items() if tt > 1e-6 and f != '~']))`;
      const expected = JSON.parse((await run(interpreter.path, ['-c', program, out])).stdout) as [string, number, number, number][];
      assert.ok(expected.length > 2);
      for (const [name, line, self, total] of expected) {
        const times = functionTimes.find((one) => functions[one.function]!.name === name && functions[one.function]!.line === line)!;
        assert.ok(Math.abs(times.self - self) < 1, `${name} ${self} ${times.self}`);
        // Paths of less than a µs are not followed; how they are split is the same for all.
        if (name === 'leaf' || name === 'main')
          assert.ok(Math.abs(times.total - total) < 0.01 * total + 5, `${name} ${total} ${times.total}`);
      }
    });
  }

  it('as a heat map have the sources that are there, and no other files', async () => {
    await writeFile(inside('program.py'), CALLS);
    await writeFile(inside('secret.txt'), 'password\n'.repeat(20));
    await writeFile(inside('a.folded'), `leaf (${inside('program.py')}:3) 5\nf (${inside('secret.txt')}:2) 4\ng (${folder}:2) 3\n`);
    for (const [name, line] of [
      ['page.heatmap.html', '<td>for i in range'],
      ['page.heatmap.txt', '3      for i in range'],
    ] as const) {
      const { code, stderr } = await convert(inside('a.folded'), inside(name));
      assert.equal(code, 0, stderr);
      const text = await readFile(inside(name), 'utf8');
      assert.ok(text.replace(/<td> +/g, '<td>').includes(line) && text.includes('secret.txt') && !text.includes('password'), text);
    }
  });

  it('as callgrind’s are what callgrind_annotate says', async function () {
    try {
      execFileSync('callgrind_annotate', ['--version'], { stdio: 'ignore' });
    } catch (error) {
      // It ends with a code of its own after --version.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') this.skip(); // valgrind is not installed
    }
    const out = inside('out.callgrind');
    await convert(inside('in.heatline.json.gz'), out);
    const { stdout } = await run('callgrind_annotate', ['--inclusive=yes', '--auto=no', '--threshold=100', out], { cwd: '/' });
    // It adds up calls: a function that calls itself (f) has the time of both levels there.
    for (const line of ['1,000,000 (100.0%)  /work/app.py:main', '900,000 (90.00%)  /work/lib.py:g', '1,200,000 (120.0%)  /work/app.py:f'])
      assert.ok(stdout.includes(line), `${line} in\n${stdout}`);
  });
});
