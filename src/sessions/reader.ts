import { parentPort, workerData } from 'node:worker_threads';
import { createGunzip } from 'node:zlib';
import { readFirefox } from '../../profile/formats/firefox.ts';
import { JsonBudget } from '../../profile/formats/jsonBudget.ts';
import type { ReaderAnswer, ReaderInput } from './readerThread.ts';

/** Bytes that are unpacked at once: a bomb ends after few of them. */
const CHUNK_SIZE = 1 << 20;

const { bytes } = workerData as ReaderInput;
const port = parentPort!;
port.postMessage(await answer());

async function answer(): Promise<ReaderAnswer> {
  try {
    return { saved: readFirefox(JSON.parse(await textOf(bytes))) };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

/** Unpacked if need be. Throws rather than take more memory than a profile needs. */
async function textOf(bytes: Uint8Array): Promise<string> {
  const budget = new JsonBudget();
  const decoder = new TextDecoder('utf-8', { fatal: true });
  if (!isPacked(bytes)) {
    budget.push(bytes);
    return decoder.decode(bytes);
  }
  const gunzip = createGunzip({ chunkSize: CHUNK_SIZE });
  gunzip.end(bytes);
  const chunks: Buffer[] = [];
  for await (const chunk of gunzip as AsyncIterable<Buffer>) {
    budget.push(chunk);
    chunks.push(chunk);
  }
  return decoder.decode(Buffer.concat(chunks));
}

function isPacked(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}
