import type { Libraries } from '../libraries.ts';
import type { Profile } from '../profile.ts';
import { FOLDED, lineOfFrame } from '../weighedStacks.ts';
import { type Boxes, boxesOf, foldingOf } from './folding.ts';
import { StackMaker, type StackTable } from './stackTable.ts';
import type { SubtreeTransform, Transform } from './transform.ts';

/** Stacks after transforms, and what became of those before. */
export interface Rewriting {
  readonly stacks: StackTable;
  /** By stack before: the stack it is now, or -1: its samples are dropped. */
  readonly to: Int32Array;
}

/**
 * Takes transforms one after the other. What is folded is folded at the very end, so that it can be opened whatever came after; steps in
 * between see it through its boxes.
 */
export function rewrite(stacks: StackTable, transforms: readonly Transform[], profile: Profile, libraries: Libraries): Rewriting {
  let now = stacks;
  let to: Int32Array | undefined;
  const take = (step: Rewriting): void => {
    now = step.stacks;
    to = to === undefined ? step.to : to.map((stack) => (stack < 0 ? -1 : step.to[stack]!));
  };
  transforms.forEach((transform, at) => {
    const boxes = boxesOf(now, profile, libraries, foldingOf(transforms.slice(0, at), libraries));
    const step = stepOf(now, boxes, transform, profile, libraries);
    if (step !== undefined) take(step);
  });
  const folding = foldingOf(transforms, libraries);
  if (folding !== undefined) take(fold(now, boxesOf(now, profile, libraries, folding)));
  return { stacks: now, to: to ?? Int32Array.from({ length: stacks.length }, (_, stack) => stack) };
}

function stepOf(stacks: StackTable, boxes: Boxes, transform: Transform, profile: Profile, libraries: Libraries): Rewriting | undefined {
  switch (transform.kind) {
    case 'focusSubtree':
    case 'dropSubtree':
      if (transform.path.length === 0) return undefined;
      return transform.inverted
        ? subtreeOfCallers(stacks, boxes, transform, profile)
        : subtree(stacks, transform.kind, insideOf(stacks, boxes, transform, profile));
    case 'focusFunction':
      return subtree(stacks, 'focusSubtree', insideOfFunction(stacks, boxes, transform.func));
    case 'dropFunction':
      return subtree(stacks, 'dropSubtree', insideOfFunction(stacks, boxes, transform.func));
    case 'focusModule':
      return subtree(stacks, 'focusSubtree', insideOfModule(stacks, boxes, transform.func, profile));
    case 'dropModule':
      return subtree(stacks, 'dropSubtree', insideOfModule(stacks, boxes, transform.func, profile));
    case 'callersOf':
      return callersOf(stacks, insideOfFunction(stacks, boxes, transform.func));
    case 'mergeFunction':
      return merge(stacks, (stack) => boxes.func[stack] === transform.func);
    case 'hideLibrary': {
      const library = libraries.id(transform.library);
      // Of folded calls it is what was entered that goes, with all within.
      const isOf = (func: number): boolean => (func >= FOLDED ? func - FOLDED === library : libraries.ofFunction[func] === library);
      return library < 0 ? undefined : merge(stacks, (stack) => isOf(boxes.func[stack]!));
    }
    case 'collapseRecursion':
      return collapseRecursion(stacks, boxes, transform.func);
    case 'foldLibrary':
    case 'openLibrary':
    case 'onlyMine':
      return undefined; // comes at the end
  }
}

/** By stack: 1 at and below a function's outermost call. */
function insideOfFunction({ length, parents }: StackTable, { func }: Boxes, wanted: number): Uint8Array {
  const inside = new Uint8Array(length);
  for (let stack = 1; stack < length; stack++) inside[stack] = func[stack] === wanted ? 1 : inside[parents[stack]!]!;
  return inside;
}

/** By stack: 1 at and below the first call of a function of the same file; of a folded library: of that. */
function insideOfModule(stacks: StackTable, boxes: Boxes, wanted: number, { functions }: Profile): Uint8Array {
  const file = functions[wanted]?.file;
  if (file === undefined) return insideOfFunction(stacks, boxes, wanted);
  const { length, parents } = stacks;
  const isOf = Uint8Array.from(functions, (func) => (func.file === file ? 1 : 0));
  const inside = new Uint8Array(length);
  for (let stack = 1; stack < length; stack++) inside[stack] = isOf[boxes.func[stack]!] === 1 ? 1 : inside[parents[stack]!]!;
  return inside;
}

/** By stack: 1 at and below the box that a path leads to. */
function insideOf(stacks: StackTable, boxes: Boxes, { path, byLine }: SubtreeTransform, profile: Profile): Uint8Array {
  const { length, parents, frames } = stacks;
  const steps = path.length / 2;
  /** How many steps of the path a stack is; -1: none of it. */
  const done = new Int32Array(length).fill(-1);
  done[0] = 0;
  const inside = new Uint8Array(length);
  for (let stack = 1; stack < length; stack++) {
    const parent = parents[stack]!;
    const before = done[parent]!;
    if (inside[parent] === 1) inside[stack] = 1;
    else if (boxes.continues[stack] === 1) done[stack] = before;
    else if (before >= 0 && isStep(boxes, stack, path, before, byLine, profile, frames)) {
      done[stack] = before + 1;
      inside[stack] = before + 1 === steps ? 1 : 0;
    }
  }
  return inside;
}

function isStep(
  { func }: Boxes,
  stack: number,
  path: readonly number[],
  step: number,
  byLine: boolean,
  profile: Profile,
  frames: Uint32Array,
): boolean {
  if (func[stack] !== path[2 * step]) return false;
  return !byLine || func[stack]! >= FOLDED || lineOfFrame(profile, frames[stack]!) === path[2 * step + 1];
}

/** What is inside alone, its outermost box the first call; or what is not inside. */
function subtree({ length, parents, frames }: StackTable, kind: SubtreeTransform['kind'], inside: Uint8Array): Rewriting {
  const maker = new StackMaker(length / 2);
  const to = new Int32Array(length).fill(-1);
  const wanted = kind === 'focusSubtree' ? 1 : 0;
  if (wanted === 0) to[0] = 0;
  for (let stack = 1; stack < length; stack++) {
    if (inside[stack] === wanted) to[stack] = maker.on(Math.max(0, to[parents[stack]!]!), frames[stack]!);
  }
  return { stacks: maker.table(), to };
}

/** Samples whose innermost calls are those of a path of the tree of callers; focused, what is innermost of the box is innermost of all. */
function subtreeOfCallers(stacks: StackTable, boxes: Boxes, { kind, path, byLine }: SubtreeTransform, profile: Profile): Rewriting {
  const { length, parents, frames } = stacks;
  const to = new Int32Array(length).fill(-1);
  const steps = path.length / 2;
  for (let leaf = 1; leaf < length; leaf++) {
    let stack = leaf;
    let step = 0;
    while (stack !== 0 && isStep(boxes, stack, path, step, byLine, profile, frames)) {
      if (++step === steps) break;
      while (boxes.continues[stack] === 1) stack = parents[stack]!;
      stack = parents[stack]!;
    }
    if (step === steps) to[leaf] = kind === 'focusSubtree' ? stack : -1;
    else if (kind === 'dropSubtree') to[leaf] = leaf;
  }
  if (kind === 'dropSubtree') to[0] = 0;
  return { stacks, to };
}

function callersOf({ length, parents, frames }: StackTable, inside: Uint8Array): Rewriting {
  const to = new Int32Array(length).fill(-1);
  for (let stack = 1; stack < length; stack++) {
    if (inside[stack] === 1) to[stack] = inside[parents[stack]!] === 1 ? to[parents[stack]!]! : stack;
  }
  return { stacks: { length, parents, frames }, to };
}

function merge({ length, parents, frames }: StackTable, isMerged: (stack: number) => boolean): Rewriting {
  const maker = new StackMaker(length);
  const to = new Int32Array(length);
  for (let stack = 1; stack < length; stack++) {
    const below = to[parents[stack]!]!;
    to[stack] = isMerged(stack) ? below : maker.on(below, frames[stack]!);
  }
  return { stacks: maker.table(), to };
}

function collapseRecursion({ length, parents, frames }: StackTable, { func, continues }: Boxes, wanted: number): Rewriting {
  const maker = new StackMaker(length);
  const to = new Int32Array(length);
  /** By stack: the outermost call of the function in it; 0: there is none. */
  const outermost = new Int32Array(length);
  for (let stack = 1; stack < length; stack++) {
    const parent = parents[stack]!;
    const isCall = func[stack] === wanted && continues[stack] === 0;
    const first = (outermost[stack] = isCall && outermost[parent] === 0 ? stack : outermost[parent]!);
    // The innermost call stands for all of them: it is its line that runs.
    to[stack] = maker.on(isCall ? to[parents[first]!]! : to[parent]!, frames[stack]!);
  }
  return { stacks: maker.table(), to };
}

function fold({ length, parents, frames }: StackTable, { func, continues }: Boxes): Rewriting {
  const maker = new StackMaker(length);
  const to = new Int32Array(length);
  for (let stack = 1; stack < length; stack++) {
    const below = to[parents[stack]!]!;
    to[stack] = continues[stack] === 1 ? below : maker.on(below, func[stack]! >= FOLDED ? func[stack]! : frames[stack]!);
  }
  return { stacks: maker.table(), to };
}
