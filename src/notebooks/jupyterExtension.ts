import { hostname } from 'node:os';
import * as vscode from 'vscode';

/** ms that a kernel that says it is idle may take to say which process it is. */
const PATIENCE = 10_000;
/** Characters of an answer that are looked at. */
const MAX_ANSWER = 1000;
/** What comes before the answer, among whatever else the kernel prints. */
const MARK = 'heatline-kernel';
/** Leaves nothing behind in the notebook's namespace. */
const QUESTION = `print(${JSON.stringify(MARK)}, __import__("os").getpid(), __import__("socket").gethostname())`;

/** What the Jupyter extension says of a notebook's kernel. */
export type JupyterAnswer =
  | { readonly kind: 'process'; readonly pid: number }
  /** It runs on another machine or in a container. */
  | { readonly kind: 'elsewhere'; readonly host: string }
  /** It has one, but that is busy, or the user did not let us ask. */
  | { readonly kind: 'silent' }
  /** The extension is not there, or knows of no kernel that runs. */
  | { readonly kind: 'none' };

/**
 * Asks the Jupyter extension for a notebook's kernel, and the kernel for its process, by code that does not count as an execution
 * (its api.d.ts: `kernels.getKernel`, `executeCode`). VS Code asks the user whether we may.
 */
export async function askJupyter(notebook: vscode.NotebookDocument, log: (message: string) => void): Promise<JupyterAnswer> {
  const extension = vscode.extensions.getExtension<unknown>('ms-toolsai.jupyter');
  // One that sleeps has started no kernel.
  if (extension?.isActive !== true) return { kind: 'none' };
  try {
    const kernel = await call(fieldOf(extension.exports, 'kernels'), 'getKernel', notebook.uri);
    if (kernel === undefined || kernel === null) return { kind: 'none' };
    // It would answer only when it is done with what it does.
    if (fieldOf(kernel, 'status') !== 'idle') return { kind: 'silent' };
    return (await ask(kernel)) ?? { kind: 'silent' };
  } catch (error) {
    log(`The Jupyter extension did not say which process the kernel of ${notebook.uri.path} is: ${String(error)}`);
    return { kind: 'silent' };
  }
}

async function ask(kernel: unknown): Promise<JupyterAnswer | undefined> {
  // Never cancelled: that would interrupt the kernel, and with it a cell that was run meanwhile.
  const { token } = new vscode.CancellationTokenSource();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => (timer = setTimeout(() => resolve(undefined), PATIENCE)));
  try {
    return await Promise.race([late, answerIn(call(kernel, 'executeCode', QUESTION, token))]);
  } finally {
    clearTimeout(timer);
  }
}

async function answerIn(outputs: unknown): Promise<JupyterAnswer | undefined> {
  if (!isAsyncIterable(outputs)) return undefined;
  let text = '';
  for await (const output of outputs) {
    const items = fieldOf(output, 'items');
    for (const item of Array.isArray(items) ? (items as unknown[]) : []) {
      const data = fieldOf(item, 'data');
      if (data instanceof Uint8Array) text += new TextDecoder().decode(data.subarray(0, MAX_ANSWER));
    }
    const answer = parseAnswer(text);
    if (answer !== undefined) return answer;
    if (text.length > MAX_ANSWER) return undefined;
  }
  return undefined;
}

function parseAnswer(text: string): JupyterAnswer | undefined {
  const match = new RegExp(`${MARK} (\\d{1,10}) ([^\\s]+)\\n`).exec(text);
  if (match === null) return undefined;
  return match[2] === hostname() ? { kind: 'process', pid: Number(match[1]) } : { kind: 'elsewhere', host: match[2]! };
}

function call(owner: unknown, name: string, ...args: readonly unknown[]): unknown {
  const method = fieldOf(owner, name);
  return typeof method === 'function' ? (Reflect.apply(method, owner, args) as unknown) : undefined;
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof fieldOf(value, Symbol.asyncIterator) === 'function';
}

function fieldOf(value: unknown, name: string | symbol): unknown {
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
    ? (value as Readonly<Record<string | symbol, unknown>>)[name]
    : undefined;
}
