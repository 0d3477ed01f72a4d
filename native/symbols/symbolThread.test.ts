import assert from 'node:assert/strict';
import { SymbolThread } from './symbolThread.ts';

/** `printf 'Heatline' | xz`. */
const packed = Buffer.from('/Td6WFoAAATm1rRGAgAhARYAAAB0L+WjAQAHSGVhdGxpbmUAZHo7z+pKlzMAASAIuxnZux+2830BAAAAAARZWg==', 'base64');

describe('SymbolThread', () => {
  let thread: SymbolThread;
  beforeEach(() => (thread = new SymbolThread()));
  afterEach(() => thread.close());

  it('makes names of C++ and Rust plain, and leaves others as they are', () => {
    const names = {
      '_ZNSt6vectorIiSaIiEE9push_backERKi': 'std::vector<int, std::allocator<int> >::push_back(int const&)',
      '_ZL3foov': 'foo()',
      '_ZN4core3fmt9Formatter3pad17h0123456789abcdefE': 'core::fmt::Formatter::pad',
      '_RNvMs0_NtCs5DA2vzmWpnh_5alloc3vecINtB5_3VechE4push': '<alloc::vec::Vec<u8>>::push',
      'list_sort': 'list_sort',
      '__poll': '__poll',
      '_Z': '_Z',
      '_Zebra': '_Zebra',
      '': '',
    };
    for (const [name, plain] of Object.entries(names)) assert.equal(thread.plainName(name), plain);
  });

  it('gives up names that would take for ever, and goes on with others', () => {
    // f(A<int, int>, A<A<int, int>, A<int, int>>, …): each twice as long as the one before.
    const endless = `_Z1f1AIiiE${Array.from({ length: 60 }, (_, i) => {
      const before = `S${i.toString(36).toUpperCase()}_`;
      return `S_I${before}${before}E`;
    }).join('')}`;
    assert.equal(thread.plainName(endless), endless);
    assert.equal(thread.plainName('_ZL3foov'), 'foo()');
    const long = `_Z1f${'P'.repeat(100_000)}i`;
    assert.equal(thread.plainName(long), long);
  });

  it('unpacks xz files, and nothing else', () => {
    assert.equal(Buffer.from(thread.unpacked(packed)!).toString(), 'Heatline');
    assert.equal(thread.unpacked(Buffer.from('no xz')), null);
    assert.equal(thread.unpacked(packed.subarray(0, 30)), null);
  });
});
