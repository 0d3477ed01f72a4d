import type { RowId } from '../model/rowId.ts';
import { isLine } from '../model/marks.ts';
import { NO_ROW } from '../model/rowId.ts';
import { FunctionTable } from './functionTable.ts';
import { rowMenu, stepItems } from './frameMenu.ts';
import type { MenuItem } from './menu.ts';
import type { Page, View } from './view.ts';

/** The table of functions, or of their lines where boxes are lines. */
export function functionList(page: Page): View {
  const { store } = page;
  const table = new FunctionTable(store.functions, store.format, store.kept.sort, {
    choose: (row, open) => {
      if (open) page.openRow(row);
      page.choose(row);
    },
    menu: (row, x, y) => page.showMenu(menuFor(row), x, y),
    sorted: (sort) => store.keep({ sort }),
    escape: () => page.escape(),
    key: (event) => page.key(event),
  });
  const hasBox = ({ func, line }: RowId): boolean => {
    const nodes = store.tree?.nodes;
    return nodes?.func.some((other, node) => other === func && isLine(nodes.line[node]!, line)) === true;
  };
  const menuFor = (row: RowId): readonly MenuItem[] =>
    rowMenu(row.func, store.functions, {
      ...(store.isEditor ? { openSource: () => page.openRow(row) } : {}),
      tableText: (as) => table.text(as),
      steps: stepItems(store, row.func, undefined),
      ...(hasBox(row) ? { zoom: () => page.choose(row, true) } : {}),
    });
  store.listen('tree', () => table.setData(store.tree!.functions, store.tree!.totalTime));
  store.listen('mark', () => {
    const { mark } = store;
    // A function chosen in a filtered table leaves the filter as it is.
    if (mark.kind !== 'function') table.filter(mark.kind === 'search' ? mark.functions : undefined);
    table.chosen = mark.kind === 'function' ? { func: mark.func, line: mark.line } : NO_ROW;
  });
  store.listen('selection', () => {
    if (store.mark.kind === 'none') table.chosen = store.selectedRow;
  });
  return { element: table.element };
}
