import type { AddressRange, BinaryPlacement, FileMapping } from './binary.ts';

/** An entry of the program header table (Elf64_Phdr). */
export interface ElfSegment {
  readonly type: number;
  readonly flags: number;
  readonly fileOffset: number;
  readonly address: number;
  readonly fileSize: number;
  readonly memorySize: number;
}

/** System V gABI; PT_GNU_EH_FRAME (elf.h). */
export const SegmentType = { Load: 1, Dynamic: 2, Note: 4, UnwindIndex: 0x6474e550 } as const;
/** PF_W, elf.h */
const writable = 2;

/** Whether it is loaded, and the program can't write to it. */
export function isConstant({ type, flags }: ElfSegment): boolean {
  return type === SegmentType.Load && (flags & writable) === 0;
}

export class ElfPlacement implements BinaryPlacement {
  private readonly segments: readonly ElfSegment[];

  constructor(segments: readonly ElfSegment[]) {
    this.segments = segments.filter(({ type }) => type === SegmentType.Load);
  }

  loadBiases(mappings: readonly FileMapping[], pageSize: number): number[] {
    const votes = new Map<number, number>();
    for (const segment of this.segments) {
      const inPage = segment.address % pageSize;
      const offset = segment.fileOffset - inPage;
      for (const mapping of mappings) {
        if (mapping.fileOffset < offset || mapping.fileOffset >= segment.fileOffset + segment.fileSize) continue;
        const bias = mapping.start - (segment.address - inPage) - (mapping.fileOffset - offset);
        votes.set(bias, (votes.get(bias) ?? 0) + 1);
      }
    }
    return [...votes.keys()].filter((bias) => Number.isSafeInteger(bias) && bias >= 0).sort((a, b) => votes.get(b)! - votes.get(a)!);
  }

  isLoadedAt(bias: number, mappings: readonly FileMapping[]): boolean {
    return this.segments
      .filter(({ fileSize }) => fileSize > 0)
      .every(({ address, fileOffset }) =>
        mappings.some(
          ({ start, end, fileOffset: mapped }) =>
            start <= bias + address && bias + address < end && bias + address - start === fileOffset - mapped,
        ),
      );
  }

  variables(bias: number): AddressRange[] {
    return this.segments
      .filter((segment) => !isConstant(segment))
      .map(({ address, memorySize }) => ({
        start: Math.ceil((bias + address) / 8) * 8,
        end: Math.floor((bias + address + memorySize) / 8) * 8,
      }));
  }
}
