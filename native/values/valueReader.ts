import type { Layout } from '../cpython/layout.ts';
import type { ObjectLayout } from '../cpython/objectLayout.ts';
import type { Memory } from '../memory/memory.ts';
import { arrayAt, frameAt, scalarAt } from './arrays.ts';
import { builtinAt, functionAt, generatorAt, methodAt, moduleAt } from './callables.ts';
import { dequeAt, dictAt, listAt, setAt, tupleAt } from './containers.ts';
import { Instances } from './instances.ts';
import { lockAt, lockTypes } from './locks.ts';
import { complexAt, decimalAt, floatAt, intText } from './numbers.ts';
import { pathText } from './paths.ts';
import { printable, quoted } from './pythonText.ts';
import { hexadecimal, Scope } from './scope.ts';
import { bytearrayAt, bytesAt, strAt, unicodeAt } from './texts.ts';
import { dateAt, datetimeAt, timeAt, timedeltaAt, timezoneAt, zoneAt } from './times.ts';
import { isPlausible, TypeBook, type TypeFacts } from './typeBook.ts';
import { leftOut, unreadable, type ValueLimits } from './valueLimits.ts';

/** Shows an object that is of a type of C, or of a class that inherits from it. @param type the object's own */
type Show = (reader: ValueReader, address: number, type: TypeFacts, base: TypeFacts) => string | null;

/** Types by `tp_name`. What returns null is shown as any other object. */
const shows: ReadonlyMap<string, Show> = new Map<string, Show>([
  ['NoneType', () => 'None'],
  ['ellipsis', () => 'Ellipsis'],
  ['NotImplementedType', () => 'NotImplemented'],
  ['bool', ({ scope }, address) => (intText(scope, address, scope.layout.major === 2) === '0' ? 'False' : 'True')],
  ['int', (reader, address, type, base) => reader.number(address, type, base, intText(reader.scope, address, reader.scope.layout.major === 2))],
  ['long', (reader, address, type, base) => reader.number(address, type, base, `${intText(reader.scope, address, false)}L`)],
  ['float', (reader, address, type, base) => reader.number(address, type, base, floatAt(reader.scope, address))],
  ['complex', (reader, address, type, base) => reader.number(address, type, base, complexAt(reader.scope, address))],
  ['str', (reader, address, type, base) =>
    reader.wrapped(type, base, reader.scope.layout.major === 2 ? bytesAt(reader.scope, address, '') : strAt(reader.scope, address), address)],
  ['unicode', (reader, address, type, base) => reader.wrapped(type, base, unicodeAt(reader.scope, address), address)],
  ['bytes', (reader, address, type, base) => reader.wrapped(type, base, bytesAt(reader.scope, address, 'b'), address)],
  ['bytearray', ({ scope }, address) => bytearrayAt(scope, address)],
  ['list', (reader, address, type, base) => reader.wrapped(type, base, listAt(reader.scope, address))],
  ['tuple', (reader, address, type, base) =>
    (type === base ? null : reader.instances.namedTuple(address, type)) ?? reader.wrapped(type, base, tupleAt(reader.scope, address))],
  ['dict', (reader, address, type, base) => reader.wrapped(type, base, dictAt(reader.scope, address))],
  ['set', ({ scope }, address, type) => setAt(scope, address, type.shortName)],
  ['frozenset', ({ scope }, address, type) => setAt(scope, address, type.shortName)],
  ['collections.deque', ({ scope }, address, type) => dequeAt(scope, address, type)],
  ['datetime.date', ({ scope }, address, type) => dateAt(scope, address, type.shortName)],
  ['datetime.datetime', ({ scope }, address, type) => datetimeAt(scope, address, type.shortName)],
  ['datetime.time', ({ scope }, address, type) => timeAt(scope, address, type.shortName)],
  ['datetime.timedelta', ({ scope }, address, type) => timedeltaAt(scope, address, type.shortName)],
  ['datetime.timezone', ({ scope }, address, type) => timezoneAt(scope, address, type.shortName)],
  ['zoneinfo.ZoneInfo', ({ scope }, address, type) => zoneAt(scope, address, type.shortName)],
  ['decimal.Decimal', ({ scope }, address, type) => {
    const text = decimalAt(scope, address);
    return text === null ? null : `${type.shortName}('${text}')`;
  }],
  ['BaseException', (reader, address, type) => reader.exception(address, type)],
  ['exceptions.BaseException', (reader, address, type) => reader.exception(address, type)],
  ['type', (reader, address) => reader.type(address)],
  ['module', ({ scope, instances }, address) => moduleAt(scope, address, instances)],
  ['function', ({ scope, instances }, address) => functionAt(scope, address, instances)],
  ['builtin_function_or_method', ({ scope }, address) => builtinAt(scope, address)],
  ['method', ({ scope, instances }, address) => methodAt(scope, address, instances)],
  ['instancemethod', ({ scope, instances }, address) => methodAt(scope, address, instances)],
  ['generator', ({ scope, instances }, address) => generatorAt(scope, address, 'generator', instances)],
  ['coroutine', ({ scope, instances }, address) => generatorAt(scope, address, 'coroutine', instances)],
  ['async_generator', ({ scope, instances }, address) => generatorAt(scope, address, 'async_generator', instances)],
  ['range', (reader, address) => reader.range(address)],
  ['slice', ({ scope }, address) =>
    `slice(${[0, 8, 16].map((at) => scope.show(scope.pointer(address + scope.head + at))).join(', ')})`],
  ['instance', (reader, address) => reader.oldInstance(address)],
  ['classobj', ({ scope, instances }, address) => `<class ${instances.text(scope.pointer(address + scope.head + 16)) ?? '?'}>`],
  ['numpy.ndarray', ({ scope }, address, type) => arrayAt(scope, address, type)],
]); // prettier-ignore

/**
 * Shows Python objects as their `repr` would, without running any code: what they are is read from their memory. Never throws, and
 * reads no more than its limits allow.
 */
export class ValueReader {
  readonly scope: Scope;
  readonly instances: Instances;
  /** Objects that are being shown, one in the other. */
  private nesting = 0;

  constructor(memory: Memory, layout: Layout, objects: ObjectLayout, limits: ValueLimits) {
    this.scope = new Scope(memory, layout, objects, new TypeBook(memory, layout), limits);
    this.instances = new Instances(this.scope);
    this.scope.show = (address) => this.inner(address);
  }

  /** An object at an address, as text of one line. */
  show(address: number): string {
    this.scope.begin();
    this.nesting = 0;
    return printable(this.inner(address));
  }

  private inner(address: number): string {
    const { scope } = this;
    if (address === 0) return '<NULL>';
    if (!isPlausible(address)) return unreadable;
    // Not only containers have something in them: slices, enumerations, zones, and what inherits from numbers.
    if (this.nesting >= 2 * scope.limits.depth + 4 || !scope.take()) return leftOut;
    const type = scope.types.of(address);
    if (type === null) return unreadable;
    const { spent } = scope;
    this.nesting++;
    const text = this.shown(address, type);
    this.nesting--;
    // What is long has counted what is in it, if there is anything.
    if (text.length <= scope.limits.text + 16 || scope.spent === spent) scope.spend(text.length);
    return text;
  }

  private shown(address: number, type: TypeFacts): string {
    const { scope, instances } = this;
    const line = scope.types.line(type);
    const enumeration = this.enumeration(address, type);
    if (enumeration !== null) return enumeration;
    const lock = lockTypes.get(type.name);
    if (lock !== undefined) return lockAt(scope, address, lock);
    if (type.name.startsWith('numpy.') && type.name !== 'numpy.ndarray') {
      const scalar = scalarAt(scope, address, type);
      if (scalar !== null) return scalar;
    }
    for (const base of line) {
      // A class of Python's own may be called as it likes, but has no dot in its name.
      const show = base.isStatic || base.name.includes('.') ? shows.get(base.name) : undefined;
      const text = show?.(this, address, type, base);
      if (text !== undefined && text !== null) return text;
    }
    if (!type.isStatic) {
      const special = this.special(address, type, line);
      if (special !== null) return special;
    }
    return instances.show(address, type);
  }

  /** Classes of the standard library and of pandas, by their names and what they have. */
  private special(address: number, type: TypeFacts, line: readonly TypeFacts[]): string | null {
    const { scope, instances } = this;
    for (const { name } of line) {
      if (name === 'PurePath') {
        const path = pathText(scope, instances, address, type);
        return path === null ? null : `${type.shortName}(${path})`;
      }
      if (name === 'Fraction') {
        const [numerator, denominator] = ['_numerator', '_denominator'].map((part) => instances.attribute(address, type, part));
        if (numerator !== undefined && denominator !== undefined && numerator !== 0 && denominator !== 0)
          return `${type.shortName}(${scope.show(numerator)}, ${scope.show(denominator)})`;
      }
      if (name === 'DataFrame' || name === 'Series') return frameAt(scope, address, type, instances);
    }
    return null;
  }

  /** A member of an Enum: its class is an instance of EnumMeta (3.11+: EnumType). */
  private enumeration(address: number, type: TypeFacts): string | null {
    const { scope, instances } = this;
    if (type.isStatic) return null;
    const meta = scope.types.of(type.address);
    if (meta === null || meta.name === 'type' || meta.isStatic) return null;
    if (!scope.types.line(meta).some(({ name }) => name === 'EnumType' || name === 'EnumMeta')) return null;
    const name = instances.attribute(address, type, '_name_');
    const value = instances.attribute(address, type, '_value_');
    if (value === 0) return null;
    const text = name === 0 ? null : instances.text(name);
    const shown = scope.inside(address, leftOut, leftOut, () => scope.show(value));
    return `<${type.shortName}${text === null ? '' : `.${text}`}: ${shown}>`;
  }

  number(address: number, type: TypeFacts, base: TypeFacts, text: string): string {
    return this.wrapped(type, base, text, address);
  }

  /** What inherits from a type of the core is shown with its class's name, and with what it has besides. */
  wrapped(type: TypeFacts, base: TypeFacts, text: string, address = 0): string {
    if (type === base) return text;
    const own = address === 0 ? [] : (this.instances.attributes(address, type)?.items ?? []);
    const rest = this.scope.list(own, own.length, ({ name, value }) => `${name}=${this.scope.show(value)}`);
    return `${type.shortName}(${text}${rest === '' ? '' : `, ${rest}`})`;
  }

  /** `PyBaseExceptionObject` (Include/cpython/pyerrors.h): dict, args. */
  exception(address: number, type: TypeFacts): string {
    const { scope } = this;
    return scope.inside(address, `${type.shortName}(...)`, `${type.shortName}(…)`, () =>
      scope.steady(
        () => scope.tupleHead(scope.pointer(address + scope.head + 8)),
        ({ items, size }) => {
          const own = type.isStatic ? [] : (this.instances.attributes(address, type)?.items ?? []);
          const parts = [
            scope.list(items, size, scope.show),
            scope.list(own, own.length, ({ name, value }) => `${name}=${scope.show(value)}`),
          ];
          return `${type.shortName}(${parts.filter((part) => part !== '').join(', ')})`;
        },
      ),
    );
  }

  type(address: number): string {
    const facts = this.scope.types.facts(address);
    if (facts === null) return unreadable;
    const isPython2Type = this.scope.layout.major === 2 && facts.isStatic;
    return `<${isPython2Type ? 'type' : 'class'} ${quoted(this.instances.className(facts))}>`;
  }

  /** `rangeobject`: start, stop, step. */
  range(address: number): string {
    const { scope } = this;
    const [start, stop, step] = [0, 8, 16].map((at) => scope.show(scope.pointer(address + scope.head + at)));
    return `range(${start}, ${stop}${step === '1' ? '' : `, ${step}`})`;
  }

  /** An instance of a class of 2.7 that does not inherit from `object` (`PyInstanceObject`: in_class, in_dict). */
  oldInstance(address: number): string {
    const { scope, instances } = this;
    const name = instances.text(scope.pointer(scope.pointer(address + scope.head) + scope.head + 16)) ?? '?';
    const open = `<${name} at ${hexadecimal(address)}`;
    return scope.inside(address, `${open} ...>`, `${open}>`, () =>
      scope.steady(
        () => instances.dictNames(scope.pointer(address + scope.head + 8)),
        ({ items, size }) => {
          const text = scope.list(items, size, (item) => `${item.name}=${scope.show(item.value)}`);
          return `${open}${text === '' ? '' : `: ${text}`}>`;
        },
      ),
    );
  }
}
