/**
 * One step from the stacks that were seen to those that are shown. Functions are ids of the profile, or from FOLDED on folded libraries;
 * libraries are names as Libraries has them. Steps are taken one after the other, and each is about what the ones before leave.
 * - `focusSubtree`: only the calls below a box of the tree, which becomes the outermost call
 * - `dropSubtree`: all samples but those
 * - `focusFunction`: only samples with the function, from its outermost call on
 * - `callersOf`: only samples with the function, up to its outermost call: without what it calls
 * - `dropFunction`: only samples without it
 * - `focusModule`: only samples with a function of the same file, from the outermost of them on
 * - `dropModule`: only samples without any
 * - `mergeFunction`: its frames are taken out of their stacks, and their time is their callers'
 * - `collapseRecursion`: what lies between the outermost and the innermost call of the function is taken out
 * - `hideLibrary`: as mergeFunction, of all its functions
 * - `foldLibrary`: calls within the library are one box
 * - `onlyMine`: the same of all code that is not the program's own: a box is called by the library that was entered
 * - `openLibrary`: its calls are shown though they were folded
 */
export type Transform =
  | SubtreeTransform
  | { readonly kind: FunctionTransformKind; readonly func: number }
  | { readonly kind: LibraryTransformKind; readonly library: string }
  | { readonly kind: 'onlyMine' };

export interface SubtreeTransform {
  readonly kind: 'focusSubtree' | 'dropSubtree';
  /** The calls from the root of the tree to the box: function, line, function, line… Lines are 0 unless the tree is by line. */
  readonly path: readonly number[];
  /** The tree is one of callers. */
  readonly inverted: boolean;
  readonly byLine: boolean;
}

export const functionTransforms = [
  'focusFunction',
  'callersOf',
  'dropFunction',
  'focusModule',
  'dropModule',
  'mergeFunction',
  'collapseRecursion',
] as const;
export type FunctionTransformKind = (typeof functionTransforms)[number];

export const libraryTransforms = ['hideLibrary', 'foldLibrary', 'openLibrary'] as const;
export type LibraryTransformKind = (typeof libraryTransforms)[number];

export function sameTransforms(a: readonly Transform[], b: readonly Transform[]): boolean {
  return a === b || (a.length === b.length && a.every((transform, at) => sameTransform(transform, b[at]!)));
}

function sameTransform(a: Transform, b: Transform): boolean {
  switch (a.kind) {
    case 'focusSubtree':
    case 'dropSubtree':
      return (
        (b.kind === 'focusSubtree' || b.kind === 'dropSubtree') &&
        a.kind === b.kind &&
        a.inverted === b.inverted &&
        a.byLine === b.byLine &&
        a.path.length === b.path.length &&
        a.path.every((step, at) => step === b.path[at])
      );
    case 'onlyMine':
      return b.kind === 'onlyMine';
    case 'hideLibrary':
    case 'foldLibrary':
    case 'openLibrary':
      return b.kind === a.kind && 'library' in b && b.library === a.library;
    default:
      return b.kind === a.kind && 'func' in b && b.func === a.func;
  }
}
