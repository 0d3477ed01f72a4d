import type { NativeNames } from './nativeNames.ts';
import type { Module, Modules } from './modules.ts';
import type { Architecture } from './architecture.ts';

/** The function that evaluates Python's bytecode: from 3.6 on, and before (Python/ceval.c). The second one calls the first where that exists. */
const evaluators = ['_PyEval_EvalFrameDefault', 'PyEval_EvalFrameEx'] as const;
/** Bytes of code that are looked at for jumps. */
const maxCode = 1024 * 1024;
/** Jumps that lead from the function to a part of it that lies elsewhere, at least: of Debian's builds 10 to 306 do; no function is jumped into twice by chance. */
const fewestJumps = 3;

/**
 * Which code evaluates Python: the function that has the name, and the parts that compilers put elsewhere (of builds with LTO and PGO nearly all of it is
 * in the "cold" one). Stripped files have the name, too, as extension modules may call it.
 */
export class Evaluations {
  /** The file the interpreter is in; null: no evaluating function was found. */
  readonly module: Module | null;
  private readonly modules: Modules;
  /** By where it begins, each part's end. */
  private readonly parts = new Map<number, number>();

  constructor(modules: Modules, names: NativeNames, architecture: Architecture) {
    this.modules = modules;
    const found = find(modules);
    this.module = found?.module ?? null;
    if (found === null) return;
    const { module, address } = found;
    const extent = modules.extent(address + module.bias);
    if (extent === null) return;
    this.parts.set(extent.start, extent.end);
    const code = module.binary?.readAt(address, Math.min(maxCode, extent.end - extent.start)) ?? null;
    const hits = new Map<number, number>();
    for (const target of code === null ? [] : architecture.jumpTargets(code, extent.start)) {
      if (target >= extent.start && target < extent.end) continue;
      const other = modules.extent(target);
      // Into it, not to its beginning, which any call in tail position is.
      if (other === null || other.start === target || modules.at(target) !== module) continue;
      hits.set(other.start, (hits.get(other.start) ?? 0) + 1);
      if (hits.get(other.start) === fewestJumps) this.parts.set(other.start, other.end);
    }
    // Where there are names they say which of these are others' after all.
    for (const start of this.parts.keys()) {
      const name = names.function(module, start - module.bias)?.name;
      if (name !== undefined && start !== extent.start && !evaluators.some((one) => name.startsWith(one))) this.parts.delete(start);
    }
  }

  /** Whether code at an address is the evaluating function's. */
  has(address: number, isExact: boolean): boolean {
    const extent = this.modules.extent(isExact ? address : address - 1);
    return extent !== null && this.parts.has(extent.start);
  }
}

function find(modules: Modules): { readonly module: Module; readonly address: number } | null {
  for (const module of modules.all) {
    const symbols = module.binary?.findExports(evaluators);
    for (const name of evaluators) {
      const symbol = symbols?.get(name);
      if (symbol !== undefined) return { module, address: symbol.address };
    }
  }
  return null;
}
