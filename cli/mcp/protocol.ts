import { StringDecoder } from 'node:string_decoder';
import type { Readable, Writable } from 'node:stream';

/**
 * The part of the Model Context Protocol that a server of tools over standard input and output needs (modelcontextprotocol.io,
 * specification 2025-06-18: JSON-RPC 2.0, a message a line). The SDK of the protocol brings HTTP servers, authorization and 90 packages
 * with it; this is all that is left without these.
 */
export interface McpTool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly inputSchema: Readonly<Record<string, unknown>>;
  /** Hints for who asks the user: what reads a program changes nothing; what starts one may. */
  readonly annotations: { readonly readOnlyHint: boolean; readonly destructiveHint?: boolean; readonly openWorldHint: boolean };
  /** @throws ToolError for what the model can do something about */
  readonly call: (input: unknown, signal: AbortSignal) => Promise<ToolAnswer>;
}

/** What a tool answers: JSON, which goes as text, too, for clients of older versions. */
export type ToolAnswer = Readonly<Record<string, unknown>>;

/** Why there is no answer: a sentence for the model, with what to do. */
export class ToolError extends Error {}

export interface McpServerOptions {
  readonly version: string;
  readonly instructions: string;
  readonly tools: readonly McpTool[];
}

/** Newest first. What they differ in is nothing that we use. */
const PROTOCOL_VERSIONS = ['2025-06-18', '2025-03-26', '2024-11-05'];
/** Characters of a message: clients send some hundreds. */
const MAX_MESSAGE = 1 << 20;

const errorCodes = { parse: -32700, request: -32600, method: -32601, params: -32602, internal: -32603 } as const;

type Id = string | number;
type Json = Readonly<Record<string, unknown>>;

class RpcError extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** Answers until the input ends; then what is still at work is ended, too. */
export async function serveMcp(input: Readable, output: Writable, options: McpServerOptions): Promise<void> {
  const working = new Map<Id, AbortController>();
  const pending = new Set<Promise<void>>();
  const send = (message: object): void => void output.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  const fail = (id: Id | null, error: unknown): void => {
    const code = error instanceof RpcError ? error.code : errorCodes.internal;
    send({ id, error: { code, message: error instanceof Error ? error.message : String(error) } });
  };
  const answer = async (id: Id, method: string, params: Json): Promise<void> => {
    const controller = new AbortController();
    working.set(id, controller);
    try {
      const result = await respond(method, params, options, controller.signal);
      if (!controller.signal.aborted) send({ id, result }); // who cancelled wants no answer
    } catch (error) {
      if (!controller.signal.aborted) fail(id, error);
    } finally {
      working.delete(id);
    }
  };
  const take = (line: string): void => {
    let data: unknown;
    try {
      data = JSON.parse(line);
    } catch {
      fail(null, new RpcError(errorCodes.parse, 'This is no JSON.'));
      return;
    }
    const message = asObject(data);
    const id = message?.['id'];
    const method = message?.['method'];
    const params = asObject(message?.['params']) ?? {};
    if (message?.['jsonrpc'] !== '2.0' || typeof method !== 'string') {
      // Answers, which nobody asked for, are no requests.
      if (message === undefined || !('result' in message || 'error' in message))
        fail(isId(id) ? id : null, new RpcError(errorCodes.request, 'This is no request.'));
    } else if (!isId(id)) {
      const cancelled = method === 'notifications/cancelled' ? params['requestId'] : undefined;
      if (isId(cancelled)) working.get(cancelled)?.abort();
    } else if (working.has(id)) fail(id, new RpcError(errorCodes.request, 'A request with this id is at work.'));
    else {
      const work = answer(id, method, params).finally(() => pending.delete(work));
      pending.add(work);
    }
  };
  for await (const line of lines(input)) {
    if (line === undefined) fail(null, new RpcError(errorCodes.request, `This message is longer than ${MAX_MESSAGE} characters.`));
    else if (line.trim() !== '') take(line);
  }
  for (const controller of working.values()) controller.abort();
  await Promise.all(pending);
}

async function respond(
  method: string,
  params: Json,
  { version, instructions, tools }: McpServerOptions,
  signal: AbortSignal,
): Promise<object> {
  switch (method) {
    case 'initialize': {
      const asked = params['protocolVersion'];
      return {
        protocolVersion: PROTOCOL_VERSIONS.find((known) => known === asked) ?? PROTOCOL_VERSIONS[0],
        capabilities: { tools: {} },
        serverInfo: { name: 'heatline', title: 'Heatline', version },
        instructions,
      };
    }
    case 'ping':
      return {};
    case 'tools/list':
      return {
        tools: tools.map(({ name, title, description, inputSchema, annotations }) => ({
          name,
          title,
          description,
          inputSchema,
          annotations,
        })),
      };
    case 'tools/call': {
      const tool = tools.find(({ name }) => name === params['name']);
      if (tool === undefined) throw new RpcError(errorCodes.params, `There is no tool ${JSON.stringify(params['name'])}.`);
      try {
        const answer = await tool.call(params['arguments'] ?? {}, signal);
        return { content: [{ type: 'text', text: JSON.stringify(answer) }], structuredContent: answer, isError: false };
      } catch (error) {
        if (!(error instanceof ToolError)) throw error;
        return { content: [{ type: 'text', text: error.message }], isError: true };
      }
    }
    default:
      throw new RpcError(errorCodes.method, `There is no method ${JSON.stringify(method.slice(0, 100))}.`);
  }
}

/** The lines of a stream; undefined in place of one that is too long. */
async function* lines(input: Readable): AsyncGenerator<string | undefined> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  let isTooLong = false;
  for await (const piece of input as AsyncIterable<Buffer>) {
    const parts = (rest + decoder.write(piece)).split('\n');
    rest = parts.pop()!;
    for (const part of parts) {
      yield isTooLong || part.length > MAX_MESSAGE ? undefined : part;
      isTooLong = false;
    }
    if (rest.length > MAX_MESSAGE) {
      isTooLong = true;
      rest = '';
    }
  }
}

function asObject(value: unknown): Json | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
}

function isId(value: unknown): value is Id {
  return typeof value === 'string' || typeof value === 'number';
}
