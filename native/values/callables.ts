import type { Instances } from './instances.ts';
import { quoted } from './pythonText.ts';
import { hexadecimal, type Scope } from './scope.ts';
import { readCString } from './typeBook.ts';
import { dictItem } from '../cpython/objects.ts';

/** `PyFunctionObject` behind PyObject: func_name, func_qualname. 3.10 sorted its members anew (PyFrameConstructor). */
const nameOfFunction = { python2: 40, early: 88, now: 24 } as const;

/** A function written in Python. */
export function functionAt(scope: Scope, address: number, instances: Instances): string {
  return `<function ${functionName(scope, address, instances) ?? '?'} at ${hexadecimal(address)}>`;
}

function functionName(scope: Scope, address: number, instances: Instances): string | null {
  const { major, minor } = scope.layout;
  const at = major === 2 ? nameOfFunction.python2 : minor < 10 ? nameOfFunction.early : nameOfFunction.now;
  return instances.text(scope.pointer(address + scope.head + at));
}

/** A function of C: `PyCFunctionObject`: m_ml, whose first member is its name, and m_self. */
export function builtinAt(scope: Scope, address: number): string {
  const name = readCString(scope.memory, scope.pointer(scope.pointer(address + scope.head))) ?? '?';
  const self = scope.pointer(address + scope.head + 8);
  const type = scope.types.of(self);
  if (type === null || type.name === 'module') return `<built-in function ${name}>`;
  return `<built-in method ${name} of ${type.shortName} object at ${hexadecimal(self)}>`;
}

/** A method that is bound to an object: im_func, im_self. */
export function methodAt(scope: Scope, address: number, instances: Instances): string {
  const callable = scope.pointer(address + scope.head);
  const self = scope.pointer(address + scope.head + 8);
  const name = scope.types.of(callable)?.name === 'function' ? functionName(scope, callable, instances) : null;
  return `<bound method ${name ?? '?'} of ${scope.plain(self, scope.types.of(self))}>`;
}

/** A module and where it is from. */
export function moduleAt(scope: Scope, address: number, instances: Instances): string {
  const namespace = scope.pointer(address + scope.objects.moduleDict);
  const name = namespace === 0 ? null : instances.text(dictItem(scope.memory, namespace, '__name__', scope.objects));
  return `<module ${quoted(name ?? '?')}>`;
}

/** A generator, coroutine or asynchronous generator; 2.7 has no name for it but its code's. */
export function generatorAt(scope: Scope, address: number, kind: string, instances: Instances): string {
  const { layout, head } = scope;
  // gi_qualname: 32 bytes before the frame in 3.12+, 40 in 3.11; to 3.10 behind gi_weakreflist (3.10: gi_running is gone).
  let at = -1;
  if (layout.frames === 'data-stack') at = layout.generator.frame - 40;
  else if (layout.major === 3) at = head + (layout.minor >= 10 ? 32 : 40);
  const name = at < 0 ? null : instances.text(scope.pointer(address + at));
  return `<${kind} object ${name === null ? '' : `${name} `}at ${hexadecimal(address)}>`;
}
