import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { BinaryError } from '../../binary/binary.ts';
import { BufferSource } from '../../binary/byteSource.ts';
import { ElfFile } from '../../binary/elf.ts';
import { DebugInformation } from './debugInformation.ts';

/** What fixtures/record.sh recorded. */
interface Recorded {
  readonly elf: string;
  /** From which address on and up to which addr2line says what: "function file:line < function file:line", the innermost first. */
  readonly places: readonly (readonly [number, number, string])[];
}

const folder = path.join(import.meta.dirname, 'fixtures');
const recorded = JSON.parse(fs.readFileSync(path.join(folder, 'places.json'), 'utf8')) as Readonly<Record<string, Recorded>>;
const fileOf = (name: string): Buffer => inflateSync(Buffer.from(recorded[name]!.elf, 'base64'));

function informationOf(file: Buffer): DebugInformation | null {
  return DebugInformation.open(new ElfFile(new BufferSource(file)));
}

function textAt(information: DebugInformation, address: number): string {
  const places = information.at(address);
  return places.map((place) => `${place.function ?? '??'} ${path.posix.basename(place.file) || '??'}:${place.line}`).join(' < ');
}

describe('DebugInformation', () => {
  for (const [name, { places }] of Object.entries(recorded)) {
    it(`says of each address what addr2line does: ${name}`, () => {
      const information = informationOf(fileOf(name))!;
      // Of version 2 addr2line 2.40 does not find where an inlined function was called.
      const compared = (text: string): string => (name === 'dwarf2' ? text.replace(/( < \S+) \S+/g, '$1') : text);
      for (const [start, end, text] of places)
        for (let address = start; address < end; address++)
          assert.equal(compared(textAt(information, address)), compared(text), `0x${address.toString(16)}`);
    });
  }

  it('has whole paths of sources, and nothing of what is no code', () => {
    const information = informationOf(fileOf('dwarf5'))!;
    const [first] = information.at(recorded['dwarf5']!.places[0]![0]);
    assert(path.isAbsolute(first!.file) && first!.file.endsWith('/fixtures/places.c'), first!.file);
    assert.deepEqual(information.at(1), []);
    assert.deepEqual(information.at(2 ** 40), []);
  });

  it('is none of a file without it', () => {
    const file = fileOf('dwarf5');
    // The names of its sections.
    for (let at = file.indexOf('.debug_'); at >= 0; at = file.indexOf('.debug_', at + 1)) file.write('.xebug_', at);
    assert.equal(informationOf(file), null);
  });

  it('survives what damaged files say', function () {
    this.timeout(60_000);
    const names = Object.keys(recorded);
    fc.assert(
      fc.property(
        fc.constantFrom(...names),
        fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.uint8Array({ minLength: 1, maxLength: 8 })), {
          minLength: 1,
          maxLength: 12,
        }),
        (name, edits) => {
          const file = fileOf(name);
          // Behind the headers and the code.
          for (const [share, bytes] of edits) file.set(bytes.subarray(0, 8), Math.floor(0x1000 + share * (file.length - 0x1000 - 8)));
          let information: DebugInformation | null;
          try {
            information = informationOf(file);
          } catch (error) {
            if (error instanceof BinaryError) return;
            throw error;
          }
          for (const [address] of recorded[name]!.places) information?.at(address);
        },
      ),
      { numRuns: 1500 },
    );
  });
});
