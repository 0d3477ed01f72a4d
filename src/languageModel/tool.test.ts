import '../testing/fakeVscode.ts';
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CancellationToken, MarkdownString } from 'vscode';
import type { PythonProcess } from '../../native/index.ts';
import type { Context } from '../context.ts';
import type { Tool } from './tool.ts';
import { NoAnswer, parseStacksInput, type StacksInput } from './toolInput.ts';

const { Disposable } = await import('vscode');
const { answerOf, Cancelled, preparationOf } = await import('./tool.ts');
const { profileTool } = await import('./profileTool.ts');
const { workspaceScript } = await import('./workspaceScript.ts');

const token = (isCancellationRequested = false): CancellationToken => ({
  isCancellationRequested,
  onCancellationRequested: () => new Disposable(() => undefined),
});

describe('a tool for language models', () => {
  let calls: string[];
  let logged: unknown[];
  beforeEach(() => {
    calls = [];
    logged = [];
  });
  const host = (trusted = true): Parameters<typeof answerOf>[3] => ({ isTrusted: () => trusted, log: (error) => logged.push(error) });
  const tool = (given: Partial<Tool<StacksInput>> = {}): Tool<StacksInput> => ({
    needsTrust: true,
    parse: parseStacksInput,
    prepare: () => {
      calls.push('prepare');
      return Promise.resolve({ invocationMessage: 'working' });
    },
    answer: ({ pid }) => {
      calls.push('answer');
      return Promise.resolve({ summary: 'all', data: { pid } });
    },
    ...given,
  });

  it('answers with a summary and JSON', async () => {
    assert.deepEqual(await answerOf(tool(), { pid: 7 }, token(), host()), ['all', '{"pid":7}']);
    assert.deepEqual(await preparationOf(tool(), { pid: 7 }, host()), { invocationMessage: 'working' });
  });

  it('does nothing in a workspace that is not trusted, and says so', async () => {
    const texts = await answerOf(tool(), { pid: 7 }, token(), host(false));
    assert.match(texts.join(), /^Error: This workspace is not trusted, so nothing is started or read\./);
    assert.equal(await preparationOf(tool(), { pid: 7 }, host(false)), undefined);
    assert.deepEqual(calls, []);
    assert.equal((await answerOf(tool({ needsTrust: false }), { pid: 7 }, token(), host(false)))[0], 'all');
  });

  it('says what is wrong with its input, with nothing to confirm', async () => {
    assert.deepEqual(await answerOf(tool(), { pid: 'x' }, token(), host()), ['Error: "pid" has to be a number from 1 to 4294967295.']);
    assert.equal(await preparationOf(tool(), { pid: 'x' }, host()), undefined);
    assert.deepEqual(calls, []);
  });

  it('says what went wrong, and logs what nobody expected', async () => {
    const failing = (error: Error): Tool<StacksInput> => tool({ answer: () => Promise.reject(error) });
    assert.deepEqual(await answerOf(failing(new NoAnswer('Try another.')), { pid: 7 }, token(), host()), ['Error: Try another.']);
    assert.deepEqual(logged, []);
    const unexpected = new Error('broken');
    assert.deepEqual(await answerOf(failing(unexpected), { pid: 7 }, token(), host()), ['Error: broken']);
    assert.deepEqual(logged, [unexpected]);
  });

  it('gives no answer when it is given up, before or meanwhile', async () => {
    await assert.rejects(answerOf(tool(), { pid: 7 }, token(true), host()), Cancelled);
    assert.deepEqual(calls, []);
    const live = { ...token() };
    const given = tool({
      answer: () => {
        live.isCancellationRequested = true;
        return Promise.resolve({ summary: 'all', data: null });
      },
    });
    await assert.rejects(answerOf(given, { pid: 7 }, live, host()), Cancelled);
  });
});

describe('what is confirmed before profiling', () => {
  const process = { pid: 7, name: 'app.py', commandLine: ['python', 'app.py', '```', '--key'] } as unknown as PythonProcess;
  const context = { listProcesses: () => Promise.resolve([process]) } as unknown as Context;
  const confirmed = async (input: object): Promise<string> => {
    const prepared = await preparationOf(profileTool(context), input, { isTrusted: () => true });
    return (prepared?.confirmationMessages?.message as MarkdownString).value;
  };

  it('is which process is read, and for how long', async () => {
    const text = await confirmed({ pid: 7, seconds: 3 });
    assert.match(text, /^Heatline reads the memory of process 7 for 3 s\. The process is neither changed nor restarted\./);
    assert.match(text, /\[python app\.py ``` --key\]/);
    assert.match(text, /given to the language model that asks\.$/);
    assert.match(await confirmed({ pid: 8 }), /process 8 for 5 s/);
  });

  it('is asked also where the script can’t be started yet', async () => {
    assert.match(await confirmed({ script: 'a.py', args: ['x y'] }), /\[a\.py "x y"\nNo folder is open/);
  });
});

describe('scripts that may be started', () => {
  let folder: string;
  before(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'heatline-scripts-')));
    for (const name of ['shop', 'shop/tools', 'elsewhere']) mkdirSync(join(folder, name));
    for (const name of ['shop/app.py', 'shop/tools/x.py', 'shop/app.sh', 'elsewhere/y.py', 'shop/..z.py'])
      writeFileSync(join(folder, name), '');
    symlinkSync(join(folder, 'elsewhere/y.py'), join(folder, 'shop/link.py'));
    symlinkSync(join(folder, 'shop'), join(folder, 'way'));
  });
  after(() => rmSync(folder, { recursive: true }));

  it('are Python files in the workspace, by any way there', async () => {
    const shop = join(folder, 'shop');
    for (const [script, path] of [
      ['app.py', 'app.py'],
      ['tools/../tools/x.py', 'tools/x.py'],
      ['../shop/app.py', 'app.py'],
      ['..z.py', '..z.py'],
      [join(shop, 'app.py'), 'app.py'],
      [join(folder, 'way/app.py'), 'app.py'],
    ] as const)
      assert.equal(await workspaceScript(script, [shop]), join(shop, path), script);
    assert.equal(await workspaceScript('app.py', [join(folder, 'way')]), join(folder, 'way/app.py'));
    assert.equal(await workspaceScript('x.py', [shop, join(shop, 'tools')]), join(shop, 'tools/x.py'));
  });

  it('are no others', async () => {
    const shop = join(folder, 'shop');
    for (const [script, folders, why] of [
      ['app.py', [], /No folder is open/],
      ['app.sh', [shop], /no Python file/],
      ['link.py', [shop], /lies outside of the workspace/],
      ['../elsewhere/y.py', [shop], /lies outside of the workspace/],
      [join(folder, 'elsewhere/y.py'), [shop], /lies outside of the workspace/],
      ['nothing.py', [shop], /no file "nothing\.py" in the workspace/],
      ['tools', [shop], /no Python file/],
    ] as const)
      await assert.rejects(workspaceScript(script, folders), (error) => error instanceof NoAnswer && why.test(error.message), script);
  });
});
