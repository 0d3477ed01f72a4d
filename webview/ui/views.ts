import { t } from '../l10n.ts';
import { callTree } from './callTree.ts';
import { flameGraph } from './flameGraph.ts';
import { functionList } from './functionList.ts';
import { moduleList } from './moduleList.ts';
import { sandwich } from './sandwich.ts';
import { timeline } from './timeline/timeline.ts';
import type { ViewKind } from './view.ts';

/** All views of the page: a new one is a file of its own and a line here. */
export const views: readonly ViewKind[] = [
  { id: 'timeline', place: 'band', label: () => t('Timeline'), create: timeline },
  { id: 'flame', place: 'middle', label: () => t('Flame graph'), create: flameGraph },
  { id: 'sandwich', place: 'middle', label: () => t('Callers and callees'), create: sandwich },
  { id: 'functions', place: 'side', label: () => t('Functions'), create: functionList },
  { id: 'callTree', place: 'side', label: () => t('Call tree'), create: callTree },
  { id: 'modules', place: 'side', label: () => t('Modules'), create: moduleList },
];
