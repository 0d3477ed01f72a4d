import { t } from '../l10n.ts';
import { HIDDEN } from '../messages.ts';
import { share, type NumberFormat } from '../model/format.ts';
import type { Functions } from '../model/functions.ts';
import { nodeLabel } from './flamePainter.ts';
import type { Labels, Picture } from './scene.ts';

/** What is said of a node, in the tooltip, below the graph and to screen readers. */
export interface Description {
  readonly name: string;
  /** File and line, or why there is none; empty where there is nothing to say. */
  readonly place: string;
  /** The same, shorter. */
  readonly shortPlace: string;
  /** Empty in inverted trees, where it would mean something else. */
  readonly self: string;
  readonly selfShare: string;
  readonly total: string;
  readonly totalShare: string;
  /** Share of the box above (of the caller; in inverted trees of the callee); empty for the root. */
  readonly parentShare: string;
  readonly samples: string;
}

export function describe(
  picture: Picture,
  functions: Functions,
  labels: Labels,
  format: NumberFormat,
  node: number,
  whole = picture.tree.total[0]!,
): Description {
  const { tree } = picture;
  const func = tree.func[node]!;
  const isFunction = func >= 0;
  const parent = tree.parent[node]!;
  const line = isFunction ? tree.line[node]! || functions.firstLine(func) : 0;
  return {
    name: nodeLabel({ picture, functions, labels }, node),
    place: isFunction ? functions.place(func, line) : '',
    shortPlace: isFunction ? functions.shortPlace(func, line) : '',
    self: picture.inverted ? '' : format.time(tree.self[node]!),
    selfShare: picture.inverted ? '' : format.percent(share(tree.self[node]!, whole)),
    total: format.time(tree.total[node]!),
    totalShare: format.percent(share(tree.total[node]!, whole)),
    parentShare: parent < 0 ? '' : format.percent(share(tree.total[node]!, tree.total[parent]!)),
    samples: func === HIDDEN ? '' : format.count(tree.samples[node]!),
  };
}

/** One sentence for screen readers. */
export function spoken(description: Description, depth: number, callees: number): string {
  const { name, shortPlace, total, totalShare, self, parentShare } = description;
  const parts = [name, shortPlace, t('total {0}, {1}', total, totalShare)];
  if (self !== '') parts.push(t('self {0}', self));
  if (parentShare !== '') parts.push(t('{0} of the box above', parentShare));
  parts.push(t('level {0}', depth), callees === 1 ? t('1 box inside') : t('{0} boxes inside', callees));
  return parts.filter((part) => part !== '').join(', ');
}
