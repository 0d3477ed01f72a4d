import { dictHead, instanceAttributes } from '../cpython/objects.ts';
import { pointerAt, readString } from '../cpython/strings.ts';
import { intText } from './numbers.ts';
import { hexadecimal, type Scope } from './scope.ts';
import { readCString, type TypeFacts } from './typeBook.ts';
import { leftOut, unreadable } from './valueLimits.ts';

/** Entries looked at of the namespaces of a class and all its bases, members of `__slots__`, fields of a dataclass, bytes of an instance. */
const limits = { namespace: 4096, slots: 256, fields: 256, name: 256, instance: 1 << 20 };
/** Types of member that hold an object: T_OBJECT, T_OBJECT_EX (Include/descrobject.h, structmember.h). */
const objectMembers = new Set([6, 16]);

/** What a class says of how its instances look. */
interface ClassFacts {
  /** `__slots__` of it and its bases, with the offset of each. */
  readonly slots: readonly { readonly name: string; readonly offset: number }[];
  /** Of a dataclass, in their order; else null. */
  readonly fields: readonly string[] | null;
  /** `_fields` of a named tuple; else null. */
  readonly tupleFields: readonly string[] | null;
  readonly module: string | null;
}

/** Reads instances of classes: what they have in `__slots__` and `__dict__`. */
export class Instances {
  private readonly scope: Scope;
  private readonly classes = new Map<number, ClassFacts>();

  constructor(scope: Scope) {
    this.scope = scope;
  }

  /** An object with its attributes; a dataclass as its `__repr__` would write it. */
  show(address: number, type: TypeFacts): string {
    const { scope } = this;
    const { fields } = this.classFacts(type);
    const [open, close] = fields === null ? [`<${type.shortName} at ${hexadecimal(address)}`, '>'] : [`${type.shortName}(`, ')'];
    const deep = fields === null ? `${open}${close}` : `${open}${leftOut}${close}`;
    return scope.inside(address, fields === null ? `${open} ...>` : `${open}...)`, deep, () =>
      scope.steady(
        () => this.attributes(address, type),
        ({ items, size }) => {
          const chosen = fields === null ? items : fields.flatMap((name) => items.filter((item) => item.name === name));
          const text = scope.list(chosen, fields === null ? size : chosen.length, ({ name, value }) => {
            scope.spend(name.length);
            return `${name}=${scope.show(value)}`;
          });
          return fields === null && text !== '' ? `${open}: ${text}${close}` : `${open}${text}${close}`;
        },
      ),
    );
  }

  /** A named tuple, or null where the class is none. */
  namedTuple(address: number, type: TypeFacts): string | null {
    const { scope } = this;
    const { tupleFields } = this.classFacts(type);
    if (!tupleFields) return null;
    return scope.inside(address, `${type.shortName}(...)`, `${type.shortName}(…)`, () => {
      const head = scope.tupleHead(address);
      if (head?.size !== tupleFields.length) return unreadable;
      const named = head.items.map((item, i) => ({ item, name: tupleFields[i]! }));
      return `${type.shortName}(${scope.list(named, head.size, ({ item, name }) => `${name}=${scope.show(item)}`)})`;
    });
  }

  /** An attribute's address, 0 when the instance has none of this name. */
  attribute(address: number, type: TypeFacts, name: string): number {
    return this.attributes(address, type, limits.slots)?.items.find((item) => item.name === name)?.value ?? 0;
  }

  /** Attributes in slots and dict, their names and values. @returns null when they can't be read */
  attributes(
    address: number,
    type: TypeFacts,
    most: number = Math.max(this.scope.limits.items, this.classFacts(type).fields?.length ?? 0),
  ): { readonly items: readonly { readonly name: string; readonly value: number }[]; readonly size: number } | null {
    const { scope } = this;
    const own = instanceAttributes(scope.memory, address, most, scope.objects);
    if (own === null) return null;
    const items: { readonly name: string; readonly value: number }[] = [];
    for (const { name, offset } of this.classFacts(type).slots) {
      const value = scope.pointer(address + offset);
      if (value !== 0) items.push({ name, value });
    }
    const inSlots = items.length;
    for (const { key, value } of own.items) {
      const name = this.text(key);
      if (name !== null) items.push({ name, value });
    }
    return { items, size: inSlots + own.size };
  }

  /** Beginning of a namespace, with names as text. */
  dictNames(dict: number): { readonly items: readonly { readonly name: string; readonly value: number }[]; readonly size: number } | null {
    const { scope } = this;
    const head = dictHead(scope.memory, dict, scope.limits.items, scope.objects);
    return head && { items: head.items.map(({ key, value }) => ({ name: this.text(key) ?? '?', value })), size: head.size };
  }

  /** Its module, dot, its qualified name, as its own `repr` has it. */
  className(type: TypeFacts): string {
    const { scope } = this;
    if (type.isStatic || type.name.includes('.')) return type.name;
    const { module } = this.classFacts(type);
    const qualifiedAt = qualifiedNameAt[scope.layout.minor];
    const name =
      scope.layout.major === 3 && qualifiedAt !== undefined
        ? this.text(scope.pointer(type.address + qualifiedAt + scope.objects.type - 8))
        : null;
    return `${module === null || module === 'builtins' ? '' : `${module}.`}${name ?? type.name}`;
  }

  /** Items of a tuple of str. */
  names(address: number): string[] | null {
    const head = this.scope.tupleHead(address, limits.fields);
    const names = head?.items.map((item) => this.text(item));
    return names?.every((name) => name !== null) === true ? names : null;
  }

  text(address: number): string | null {
    return address === 0 ? null : readString(this.scope.memory, address, this.scope.layout, limits.name);
  }

  private classFacts(type: TypeFacts): ClassFacts {
    let facts = this.classes.get(type.address);
    if (facts === undefined) {
      facts = this.readClass(type);
      this.classes.set(type.address, facts);
    }
    return facts;
  }

  private readClass(type: TypeFacts): ClassFacts {
    const { scope } = this;
    const slots: { name: string; offset: number }[] = [];
    let fields: string[] | null = null;
    let tupleFields: string[] | null = null;
    let module: string | null = null;
    let entriesLeft = limits.namespace;
    for (const one of scope.types.order(type, scope.tuple)) {
      if (one.isStatic || entriesLeft === 0) continue;
      const entries = dictHead(scope.memory, one.dict, entriesLeft, scope.objects)?.items ?? [];
      entriesLeft -= entries.length;
      for (const { key, value } of entries) {
        if (scope.types.of(value)?.name === 'member_descriptor') {
          const member = this.member(value);
          if (member !== null && slots.length < limits.slots) slots.push(member);
          continue;
        }
        const name = this.text(key);
        if (name === '__module__' && one === type) module = this.text(value);
        else if (name === '_fields' && tupleFields === null) tupleFields = this.names(value);
        else if (name === '__dataclass_fields__' && fields === null) fields = this.fieldNames(value);
      }
    }
    slots.sort((a, b) => a.offset - b.offset);
    return { slots, fields, tupleFields, module };
  }

  /** `PyMemberDescrObject` (Include/cpython/descrobject.h): d_type, d_name, d_qualname (not in 2.7), d_member. */
  private member(descriptor: number): { name: string; offset: number } | null {
    const { scope } = this;
    const definition = scope.pointer(descriptor + scope.head + (scope.layout.major === 2 ? 16 : 24));
    // PyMemberDef: name, int type, Py_ssize_t offset
    const bytes = scope.bytes(definition, 24);
    if (bytes === null || !objectMembers.has(bytes.readInt32LE(8))) return null;
    const name = readCString(scope.memory, pointerAt(bytes, 0));
    const offset = pointerAt(bytes, 16);
    return name === null || offset === 0 || offset >= limits.instance ? null : { name, offset };
  }

  private fieldNames(fields: number): string[] {
    const head = dictHead(this.scope.memory, fields, limits.fields, this.scope.objects);
    return (head?.items ?? []).flatMap(({ key, value }) => {
      const type = this.scope.types.of(value);
      // field(repr=False)
      const isShown = type?.name === 'Field' ? this.attribute(value, type, 'repr') : 0;
      if (isShown !== 0 && intText(this.scope, isShown, false) === '0') return [];
      return this.text(key) ?? [];
    });
  }
}

/** `PyHeapTypeObject.ht_qualname`, by minor version, with a PyObject of 16 bytes; offsetof() over the headers of each. */
const qualifiedNameAt: Readonly<Record<number, number>> = {
  6: 848,
  7: 848,
  8: 864,
  9: 856,
  10: 864,
  11: 864,
  12: 872,
  13: 872,
  14: 872,
  15: 880,
};
