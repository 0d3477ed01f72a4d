import { processOfNode } from '../../profile/callTree.ts';
import type { Transform } from '../../profile/transforms/transform.ts';
import { FOLDED } from '../../profile/weighedStacks.ts';
import { t } from '../l10n.ts';
import type { PageAction } from '../messages.ts';
import type { NodePath, Query, SampleChoice } from '../query.ts';
import { type Functions, libraryLabel } from './functions.ts';

/** A step that can be taken from a box or a row. */
export interface Step {
  readonly id: StepId;
  readonly label: string;
  /** Capital letter, with "Shift+" before it where that is held. */
  readonly key: string;
  /** What is asked once it is taken. */
  readonly change: Partial<SampleChoice>;
}

export type StepId = Exclude<PageAction, 'sandwich' | 'onlyMyCode' | 'undoStep' | 'copyView'>;

/**
 * The steps that can be taken from a function.
 * @param path the calls to its box; undefined where it is a row of a table
 */
export function stepsFrom(query: Query, functions: Functions, func: number, path: NodePath | undefined): readonly Step[] {
  if (!functions.has(func)) return [];
  const step = (id: StepId, key: string, label: string, transform: Transform, change: Partial<SampleChoice> = {}): Step => ({
    id,
    key,
    label,
    change: { ...change, transforms: [...query.transforms, transform] },
  });
  const steps: Step[] = [];
  if (path !== undefined) {
    // Below the box of a process it is about that one's samples.
    const process = processOfNode(path[0] ?? 0);
    const scope: Partial<SampleChoice> = process === undefined ? {} : { scope: { kind: 'process', id: process } };
    const box = { path: process === undefined ? path : path.slice(2), inverted: query.inverted, byLine: query.by === 'line' };
    steps.push(
      step('focusSubtree', 'S', t('Focus on Subtree'), { kind: 'focusSubtree', ...box }, scope),
      step('dropSubtree', 'Shift+D', t('Drop Subtree'), { kind: 'dropSubtree', ...box }, scope),
    );
  }
  steps.push(
    step('focusFunction', 'Shift+S', t('Focus on Function'), { kind: 'focusFunction', func }),
    step('dropFunction', 'D', t('Drop Samples with Function'), { kind: 'dropFunction', func }),
    step('mergeFunction', 'M', t('Merge Function into Callers'), { kind: 'mergeFunction', func }),
  );
  if (func < FOLDED) steps.push(step('collapseRecursion', 'X', t('Collapse Recursion'), { kind: 'collapseRecursion', func }));
  const library = functions.library(func);
  if (library !== undefined) {
    const name = libraryLabel(library);
    steps.push(
      step('hideLibrary', 'H', t('Hide {0}', name), { kind: 'hideLibrary', library }),
      func < FOLDED
        ? step('foldLibrary', 'B', t('Fold {0}', name), { kind: 'foldLibrary', library })
        : step('foldLibrary', 'B', t('Open {0}', name), { kind: 'openLibrary', library }),
    );
  }
  return steps;
}

/** A step from a module. */
export interface ModuleStep {
  readonly label: string;
  /** It leaves the module's samples, and not all others. */
  readonly keeps: boolean;
  readonly change: Partial<SampleChoice>;
}

/** @param func a function of the module */
export function moduleSteps({ transforms }: Query, func: number): readonly ModuleStep[] {
  const change = (kind: 'focusModule' | 'dropModule'): Partial<SampleChoice> => ({ transforms: [...transforms, { kind, func }] });
  return [
    { label: t('Focus on Module'), keeps: true, change: change('focusModule') },
    { label: t('Drop Samples with Module'), keeps: false, change: change('dropModule') },
  ];
}

export function isOnlyMine({ transforms }: Query): boolean {
  return transforms.some(({ kind }) => kind === 'onlyMine');
}

/** Folds all that is not the program's own, or opens it again. */
export function toggledOnlyMine(query: Query): Partial<SampleChoice> {
  const { transforms } = query;
  return {
    transforms: isOnlyMine(query)
      ? transforms.filter(({ kind }) => kind !== 'onlyMine' && kind !== 'openLibrary')
      : [...transforms, { kind: 'onlyMine' }],
  };
}

/** A step in few words, as it stands in the bar of those that were taken. */
export function stepLabel(transform: Transform, functions: Functions): string {
  switch (transform.kind) {
    case 'focusSubtree':
      return t('Subtree of {0}', functions.name(transform.path.at(-2) ?? -1));
    case 'dropSubtree':
      return t('Without subtree of {0}', functions.name(transform.path.at(-2) ?? -1));
    case 'focusFunction':
      return t('From {0} on', functions.name(transform.func));
    case 'callersOf':
      return t('Callers of {0}', functions.name(transform.func));
    case 'dropFunction':
      return t('Without {0}', functions.name(transform.func));
    case 'focusModule':
      return t('From {0} on', functions.moduleName(transform.func));
    case 'dropModule':
      return t('Without {0}', functions.moduleName(transform.func));
    case 'mergeFunction':
      return t('{0} merged', functions.name(transform.func));
    case 'collapseRecursion':
      return t('Recursion of {0} collapsed', functions.name(transform.func));
    case 'hideLibrary':
      return t('{0} hidden', libraryLabel(transform.library));
    case 'foldLibrary':
      return t('{0} folded', libraryLabel(transform.library));
    case 'openLibrary':
      return t('{0} open', libraryLabel(transform.library));
    case 'onlyMine':
      return t('Only my code');
  }
}
