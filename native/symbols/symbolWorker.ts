import { readFileSync } from 'node:fs';
import { type MessagePort, workerData } from 'node:worker_threads';
import { brotliDecompressSync } from 'node:zlib';
import * as demangler from 'gecko-profiler-demangle/index_bg.js';
import * as xz from 'xz-decompress';
import type { SymbolAnswer, SymbolInput, SymbolQuestion } from './symbolThread.ts';

// Beside us in a bundle; else where its package is.
const program = import.meta.url.endsWith('.ts')
  ? readFileSync(new URL(import.meta.resolve('gecko-profiler-demangle/index_bg.wasm')))
  : brotliDecompressSync(readFileSync(new URL('./demangle.wasm.br', import.meta.url)));

// A CommonJS package whose names Node does not see.
const { XzReadableStream } = (xz as unknown as { readonly default: typeof xz }).default;

const wasm = new WebAssembly.Instance(new WebAssembly.Module(program), { './index_bg.js': demangler });
demangler.__wbg_set_wasm(wasm.exports);

/** @returns null where it is not a name that is mangled, or a broken one */
function demangle(name: string): string | null {
  const plain = demangler.demangle_any(name);
  // What it does not know it takes for a name of macOS's, which have a "_" more.
  return plain === name || plain === name.slice(1) ? null : plain;
}

/** @returns null where it is broken, or of more than so many bytes */
async function unpack(packed: Uint8Array, most: number): Promise<Uint8Array | null> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  const source = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(packed);
      controller.close();
    },
  });
  try {
    for await (const piece of new XzReadableStream(source)) {
      size += piece.length;
      if (size > most) return null;
      // It uses its buffer again.
      pieces.push(piece.slice());
    }
  } catch {
    return null;
  }
  return Buffer.concat(pieces);
}

async function answer(question: SymbolQuestion): Promise<SymbolAnswer> {
  try {
    return question.kind === 'demangle' ? demangle(question.name) : await unpack(question.packed, question.most);
  } catch {
    // A wasm program that failed.
    return null;
  }
}

const { port, word } = workerData as SymbolInput & { readonly port: MessagePort };
function notify(): void {
  Atomics.store(word, 0, 1);
  Atomics.notify(word, 0);
}

// One question at a time is asked.
port.on('message', (question: SymbolQuestion) => {
  void answer(question).then((found) => {
    port.postMessage(found);
    notify();
  });
});
notify();
