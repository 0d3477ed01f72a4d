import { t } from '../l10n.ts';
import { moduleSteps } from '../model/steps.ts';
import type { Store } from '../model/store.ts';
import type { MenuItem } from './menu.ts';

/** The steps from a module, by one of its functions, each with what it leaves. */
export function moduleItems(store: Store, func: number): readonly MenuItem[] {
  const { tree, format } = store;
  const at = tree?.modules.func.indexOf(func) ?? -1;
  if (tree === undefined || at === -1) return [];
  const total = tree.modules.total[at]!;
  return moduleSteps(store.query, func).map(({ label, keeps, change }) => ({
    label,
    key: t('leaves {0}', format.time(keeps ? total : Math.max(0, tree.totalTime - total))),
    action: () => store.ask(change),
  }));
}
