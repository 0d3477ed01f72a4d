/** What Cython puts before the names of Python functions, their bodies, `cdef` functions, and generators' bodies (Naming.py of Cython). */
const prefix = /^__pyx_(pw|pf|fuse_\d+__pyx_pw|fuse_\d+__pyx_pf|f|gb)_(?=\d)/;
/** A part of a module's or class's name: how long it is, and that. */
const part = /^(\d{1,4})([A-Za-z_]\w*)$/;
/** Functions of a scope are numbered, but for `cdef` ones. */
const numbered = /^\d+([A-Za-z_]\w*)$/;
const maxParts = 32;

/**
 * The name that a function of Cython's has in its source, as module.class.function ("__pyx_pw_4shop_4Cart_3total" is shop.Cart.total); null where a name is none of these.
 * "Wrapper" of a Python function and its body have the same one.
 */
export function cythonName(name: string): string | null {
  const found = prefix.exec(name);
  if (found === null) return null;
  let rest = name.slice(found[0].length);
  const parts: string[] = [];
  while (parts.length < maxParts) {
    const length = part.exec(rest);
    if (length === null) break;
    const [, digits, text] = length as unknown as [string, string, string];
    const size = Number(digits);
    // The function's own number looks like a length, but nothing follows what has it.
    if (size === 0 || text.length <= size || text[size] !== '_') break;
    parts.push(text.slice(0, size));
    rest = text.slice(size + 1);
  }
  const own = numbered.exec(rest)?.[1] ?? rest;
  return parts.length === 0 || own === '' ? null : [...parts, own].join('.');
}
