import type { Instances } from './instances.ts';
import { quoted } from './pythonText.ts';
import type { Scope } from './scope.ts';
import type { TypeFacts } from './typeBook.ts';

/** Parts that a path is put together from, at most. */
const maxParts = 64;

/**
 * The text of a `pathlib` path, quoted; what it is made of was kept in other attributes in every few versions (Lib/pathlib.py,
 * 3.13: pathlib/_local.py): its text once somebody asked for it, drive, root and parts (to 3.11), or what it was made from (3.12+).
 * @returns null when nothing of it can be made out
 */
export function pathText(scope: Scope, instances: Instances, address: number, type: TypeFacts): string | null {
  const attribute = (name: string): number => instances.attribute(address, type, name);
  const known = attribute('_str');
  const text = known === 0 ? null : instances.text(known);
  if (text !== null) return quoted(text);
  const raw = attribute('_raw_paths');
  if (raw !== 0) {
    const parts = texts(scope, instances, raw);
    return parts === null ? null : quoted(normal(parts));
  }
  const root = attribute('_root');
  const parts = texts(scope, instances, attribute('_parts'));
  if (parts === null) return null;
  // The first part is the root, where there is one.
  const first = root === 0 ? '' : (instances.text(root) ?? '');
  return quoted(first === '' ? parts.join('/') || '.' : first + parts.slice(1).join('/'));
}

/** As posixpath.join() and the path's own parsing make one of several. */
function normal(parts: readonly string[]): string {
  let joined = '';
  for (const part of parts) {
    if (part.startsWith('/')) joined = part;
    else joined += joined === '' || joined.endsWith('/') ? part : `/${part}`;
  }
  const root = /^\/\/(?!\/)/.test(joined) ? '//' : joined.startsWith('/') ? '/' : '';
  const rest = joined.split('/').filter((part) => part !== '' && part !== '.');
  return root + rest.join('/') || '.';
}

function texts(scope: Scope, instances: Instances, list: number): string[] | null {
  const size = list === 0 ? -1 : scope.size(list + scope.head);
  if (size < 0 || size > maxParts) return null;
  const items = scope.pointers(scope.pointer(list + scope.head + 8), size);
  const found = items?.map((item) => instances.text(item));
  return found?.every((one) => one !== null) === true ? found : null;
}
