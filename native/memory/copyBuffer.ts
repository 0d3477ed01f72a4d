/** Memory the target is copied to, seen as words, bytes and through a DataView. */
export class CopyBuffer {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly words: Int32Array<ArrayBuffer>;
  readonly view: DataView;

  constructor(length: number) {
    const buffer = new ArrayBuffer((length + 7) & ~7);
    this.bytes = new Uint8Array(buffer);
    this.words = new Int32Array(buffer);
    this.view = new DataView(buffer);
  }
}
