import { existsSync } from 'node:fs';
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';

/** What is asked of the thread. */
export type SymbolQuestion =
  | { readonly kind: 'demangle'; readonly name: string }
  /** An xz file; `most`: bytes that it may unpack to. */
  | { readonly kind: 'unpack'; readonly packed: Uint8Array; readonly most: number };

export type SymbolAnswer = string | Uint8Array | null;

/** What it gets when it starts, besides its port. */
export interface SymbolInput {
  /** One word: 1 when it has loaded, or answered. */
  readonly word: Int32Array;
}

/** ms. It has to load first, on a machine that may be busy. */
const patience = { load: 10_000, demangle: 1_000, unpack: 10_000 };
/** Questions without an answer after which nothing more is asked: someone makes such names. */
const mostFailures = 3;
/** Names of C++ and Rust (Itanium C++ ABI, 5.1.1; Rust RFC 2603). Others are not asked about. */
const mangled = /^_{1,2}[ZR]/;
/** Longest plain name that is shown. */
const maxPlain = 4096;
const maxKept = 4096;
/** A symbol table of 16 MB has 700 000 symbols. */
const maxUnpacked = 64 * 1024 * 1024;

// Beside us: symbolWorker.ts when the sources run as they are, symbolWorker.js when they are bundled.
const program = new URL(import.meta.url.endsWith('.ts') ? './symbolWorker.ts' : './symbolWorker.js', import.meta.url);

/**
 * Makes mangled names plain and unpacks tables of symbols, in a thread of its own: what a hostile file says there may take for ever (a C++ name of 250 characters can stand for one of
 * gigabytes), and only a thread can be ended. Who asks waits for the answer, for a second at most.
 */
export class SymbolThread {
  private started: { readonly worker: Worker; readonly port: MessagePort; readonly word: Int32Array } | null = null;
  private failures = 0;
  private readonly plain = new Map<string, string>();

  /** The name as people write it, with its parameters; itself where it is not mangled, or can't be made plain. */
  plainName(name: string): string {
    if (!mangled.test(name)) return name;
    let plain = this.plain.get(name);
    if (plain === undefined) {
      const found = this.ask({ kind: 'demangle', name });
      plain = typeof found === 'string' && found !== '' && found.length <= maxPlain ? found : name;
      if (this.plain.size >= maxKept) this.plain.clear();
      this.plain.set(name, plain);
    }
    return plain;
  }

  /** Content of an xz file; null where that is broken, or too large. */
  unpacked(packed: Uint8Array): Uint8Array | null {
    const found = this.ask({ kind: 'unpack', packed, most: maxUnpacked });
    return found instanceof Uint8Array ? found : null;
  }

  close(): void {
    this.started?.port.close();
    void this.started?.worker.terminate();
    this.started = null;
  }

  private ask(question: SymbolQuestion): SymbolAnswer {
    if (this.failures >= mostFailures) return null;
    // Without it, as with the elevated helper, names stay as they are.
    if (!existsSync(program)) return null;
    this.started ??= start();
    if (this.started === null) {
      this.failures = mostFailures;
      return null;
    }
    const { port, word } = this.started;
    Atomics.store(word, 0, 0);
    port.postMessage(question);
    const isAnswered = Atomics.wait(word, 0, 0, patience[question.kind]) !== 'timed-out';
    const message = isAnswered ? receiveMessageOnPort(port) : undefined;
    if (message === undefined) {
      this.failures++;
      this.close();
      return null;
    }
    return message.message as SymbolAnswer;
  }
}

/** @returns null where it does not load */
function start(): SymbolThread['started'] {
  const { port1: port, port2 } = new MessageChannel();
  const word = new Int32Array(new SharedArrayBuffer(4));
  const workerData = { word, port: port2 };
  const worker = new Worker(program, { workerData, transferList: [port2], stdin: false });
  // Where it fails, what is asked of it is not answered.
  worker.on('error', () => undefined);
  worker.unref();
  port.unref();
  if (Atomics.wait(word, 0, 0, patience.load) !== 'timed-out') return { worker, port, word };
  void worker.terminate();
  return null;
}
