import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { newestPython } from '../editor/demo.ts';
import { startTarget, type Target } from '../support/target.ts';

const root = path.join(import.meta.dirname, '../..');

type Answer = Readonly<Record<string, unknown>>;

/** With the protocol's own client, as agents have it. */
describe('heatline mcp', function () {
  this.timeout(60_000);
  let client: Client;
  let folder: string;

  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'heatline-mcp-test-'));
    client = new Client({ name: 'test', version: '1' });
    const args = [path.join(root, 'cli/main.ts'), 'mcp', '--python', newestPython().path];
    await client.connect(new StdioClientTransport({ command: process.execPath, args, stderr: 'inherit' }));
  });
  after(async () => {
    await client.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function call(name: string, input: object = {}): Promise<Answer> {
    // A busy machine starts two programs first.
    const { content, structuredContent, isError } = await client.callTool({ name, arguments: { ...input } }, undefined, {
      timeout: 300_000,
    });
    assert.notEqual(isError, true, JSON.stringify(content));
    assert.deepEqual(JSON.parse((content as { text: string }[])[0]!.text), structuredContent);
    return structuredContent as Answer;
  }

  async function refusal(name: string, input: object): Promise<string> {
    const { content, isError } = await client.callTool({ name, arguments: { ...input } });
    assert.equal(isError, true);
    return (content as { text: string }[])[0]!.text;
  }

  function script(share: number): string {
    const file = path.join(folder, 'work.py');
    writeFileSync(
      file,
      `import sys
def fast():
    for _ in range(1000):
        pass
def slow():
    for _ in range(${share * 1000}):
        pass
while True:
    fast()
    slow()
`,
    );
    return file;
  }

  it('says what it is and has, and takes part in the protocol', async () => {
    assert.equal(client.getServerVersion()?.name, 'heatline');
    await client.ping();
    const { tools } = await client.listTools();
    assert.deepEqual(
      tools.map(({ name }) => name),
      ['heatline_list_processes', 'heatline_profile', 'heatline_report', 'heatline_compare', 'heatline_stacks'],
    );
    await assert.rejects(client.callTool({ name: 'rm', arguments: {} }), /no tool/);
  });

  it('profiles a script, and says what became slower when it was changed', async () => {
    const file = script(1);
    const first = (await call('heatline_profile', { script: file, seconds: 6 })) as { lines: { source: string }[]; profile: string };
    assert.ok(first.lines.some(({ source }) => /for _ in range|pass/.test(source)));
    script(9);
    await call('heatline_profile', { script: file, seconds: 6 });
    const compared = (await call('heatline_compare')) as {
      before: Answer;
      slower: { self: { function: string }[] };
      faster: { self: { function: string }[] };
    };
    assert.equal(compared.before['profile'], first.profile);
    assert.deepEqual([compared.slower.self[0]?.function, compared.faster.self[0]?.function], ['slow', 'fast']);
    const again = await call('heatline_report', { profile: first.profile, limit: 1 });
    assert.equal((again['functions'] as unknown[]).length, 1);
  });

  describe('with a process', () => {
    let target: Target;
    before(async () => {
      const file = path.join(folder, 'spin.py');
      writeFileSync(file, 'print("true", flush=True)\ndef spin():\n    while True:\n        pass\nspin()\n');
      target = await startTarget(newestPython(), file);
    });
    after(() => target.kill());

    it('lists, profiles and looks at it', async () => {
      const { processes } = (await call('heatline_list_processes')) as { processes: { pid: number }[] };
      assert.ok(processes.some(({ pid }) => pid === target.pid));
      const report = (await call('heatline_profile', { pid: target.pid, seconds: 0.5 })) as { functions: { function: string }[] };
      assert.equal(report.functions[0]?.function, 'spin');
      const { threads } = (await call('heatline_stacks', { pid: target.pid })) as { threads: { frames: { function: string }[] }[] };
      assert.equal(threads[0]?.frames[0]?.function, 'spin');
    });

    it('ends when that is cancelled', async () => {
      const cancel = new AbortController();
      const measured = client.callTool({ name: 'heatline_profile', arguments: { pid: target.pid, seconds: 600 } }, undefined, {
        signal: cancel.signal,
      });
      await client.ping(); // it has been taken by then
      cancel.abort();
      await assert.rejects(measured);
      await client.ping();
    });
  });

  it('says what is wrong with what it was asked, so that a model can do better', async () => {
    assert.match(await refusal('heatline_profile', {}), /either "pid".*or "script"/);
    assert.match(await refusal('heatline_profile', { pid: 1.5 }), /"pid" has to be a whole number from 1/);
    assert.match(await refusal('heatline_profile', { pids: [1] }), /There is no "pids"; there are pid, script/);
    assert.match(await refusal('heatline_profile', { script: path.join(folder, 'none.py') }), /There is no file/);
    assert.match(await refusal('heatline_report', { profile: 'nothing' }), /There is no profile "nothing"/);
    assert.match(await refusal('heatline_stacks', { pid: 2 ** 31 - 1 }), /2147483647/);
  });
});
