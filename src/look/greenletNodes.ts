import * as vscode from 'vscode';
import { type GreenletNode, type GreenletSnapshot, greenletTrees } from '../../native/index.ts';
import type { LookContent } from './look.ts';
import { frameNodes, listed, LookNode, type NameOf, placeText, shown } from './lookNode.ts';

/** Programs with so many greenlets are shown with all children below their parents. */
const EXPANDED = 100;

/** What the view shows of greenlets: children below their parents, and below each where it is. */
export function greenletContent(snapshot: GreenletSnapshot, nameOf: NameOf): LookContent {
  return { roots: greenletNodes(undefined, snapshot, nameOf), counts: greenletCounts(snapshot), notes: greenletNotes(snapshot) };
}

/** Nodes of all greenlets, below a node or as roots. */
export function greenletNodes(parent: LookNode | undefined, snapshot: GreenletSnapshot, nameOf: NameOf): readonly LookNode[] {
  const { t } = vscode.l10n;
  const isExpanded = snapshot.greenlets.length <= EXPANDED;
  const node = (above: LookNode | undefined, { index, greenlet, children }: GreenletNode): LookNode => {
    const { type, id, condition, stack, moved, complete } = greenlet;
    const remarks = [
      condition === 'running' ? t('running') : t('suspended'),
      placeText(stack.at(-1), nameOf),
      moved ? t('moved on while it was being read') : '',
      complete ? '' : t('stack not complete'),
    ];
    const facts = {
      key: `greenlet-${id}`,
      label: `${shown(type)} ${id}`,
      description: remarks.filter((remark) => remark !== '').join(' · '),
      ...(condition === 'running'
        ? { icon: 'play', color: 'charts.green' }
        : { icon: 'debug-pause', ...(moved ? { color: 'list.warningForeground' } : {}) }),
      index,
      isExpanded: isExpanded && children.length > 0,
    };
    const below = (own: LookNode): LookNode[] => [...frameNodes(own, stack, nameOf), ...listed(own, children, node)];
    return new LookNode(above, facts, stack.length + children.length === 0 ? undefined : below);
  };
  return listed(parent, greenletTrees(snapshot), node);
}

/** Sentences on what is missing or not of one moment. */
export function greenletNotes({ greenlets, isImported, isCut, unreadable }: GreenletSnapshot): string[] {
  const { t } = vscode.l10n;
  const moved = greenlets.filter((one) => one.moved).length;
  return [
    ...(isImported ? [] : [t('The program has not imported greenlet or gevent.')]),
    ...(moved === 0
      ? []
      : [
          moved === 1
            ? t('One greenlet moved on while it was being read: its stack may be a mix.')
            : t('{0} greenlets moved on while they were being read: their stacks may be a mix.', moved),
        ]),
    ...(isCut ? [t('There are more greenlets than Heatline looks at: some are missing.')] : []),
    ...(unreadable === 0 ? [] : [t('Some lists of objects changed too much to be followed: greenlets may be missing.')]),
  ];
}

/** How many there are, in a sentence. */
export function greenletCounts({ greenlets }: GreenletSnapshot): string {
  const { t } = vscode.l10n;
  const count = greenlets.length;
  const running = greenlets.filter(({ condition }) => condition === 'running').length;
  if (count === 0) return t('No unfinished greenlets.');
  if (count === 1) return t('One greenlet: {0}.', running === 1 ? t('running') : t('suspended'));
  return t('{0} greenlets: {1} running, {2} suspended.', count, running, count - running);
}
