import { t } from '../l10n.ts';
import { functionRows } from '../model/functionRows.ts';
import type { FunctionSet } from '../model/functions.ts';
import { isLine } from '../model/marks.ts';
import { NO_ROW, type RowId } from '../model/rowId.ts';
import { functionTextRows, tableText, type TableFormat } from '../model/tableText.ts';
import { rowMenu, stepItems } from './frameMenu.ts';
import type { MenuItem } from './menu.ts';
import { TimeTable } from './timeTable.ts';
import type { Page, View } from './view.ts';

/** The table of functions, or of their lines where boxes are lines: the flame graph's twin in text. */
export function functionList(page: Page): View {
  const { store } = page;
  const { functions } = store;
  let rows: Int32Array = new Int32Array(0);
  let matching: FunctionSet | undefined;
  let chosen = NO_ROW;
  const idAt = (position: number): RowId => {
    const { func, line } = store.tree!.functions;
    return { func: func[rows[position]!]!, line: line[rows[position]!]! };
  };
  const isChosen = (at: number): boolean => {
    const { func, line } = store.tree!.functions;
    return func[at] === chosen.func && isLine(line[at]!, chosen.line);
  };
  const table = new TimeTable(
    {
      table: t('Functions by time'),
      name: t('Function'),
      nameTitle: t('Name, file and first line'),
      selfTitle: t('Time in the function itself'),
      totalTitle: t('Time in the function and all it calls'),
    },
    store.format,
    store.kept.sort,
    {
      choose: (position, open) => {
        chosen = idAt(position);
        if (open) page.openRow(chosen);
        page.choose(chosen);
      },
      menu: (position, x, y) => page.showMenu(menuFor(idAt(position)), x, y),
      sorted: (sort) => {
        store.keep({ sort });
        arrange();
      },
      escape: () => page.escape(),
      key: (event) => page.key(event),
    },
  );
  const arrange = (): void => {
    if (store.tree === undefined || !table.element.isConnected) return;
    const { functions: columns, totalTime } = store.tree;
    rows = functionRows(columns, functions, store.kept.sort, matching);
    table.show({
      count: rows.length,
      whole: totalTime,
      row: (position) => {
        const { func } = idAt(position);
        const line = idAt(position).line || functions.firstLine(func);
        const at = rows[position]!;
        return {
          self: columns.self[at]!,
          total: columns.total[at]!,
          name: functions.name(func),
          place: functions.shortPlace(func, line),
          fullPlace: functions.place(func, line),
        };
      },
      chosen: () => rows.findIndex(isChosen),
      empty: matching === undefined ? t('No samples of Python functions') : t('No function matches'),
    });
  };
  const text = (as: TableFormat): string => {
    const { functions: columns, totalTime } = store.tree!;
    return tableText(as, t('Function'), functionTextRows(rows, columns, functions), store.format, totalTime);
  };
  const hasBox = ({ func, line }: RowId): boolean => {
    const nodes = store.tree?.nodes;
    return nodes?.func.some((other, node) => other === func && isLine(nodes.line[node]!, line)) === true;
  };
  const menuFor = (row: RowId): readonly MenuItem[] =>
    rowMenu(row.func, functions, {
      ...(store.isEditor ? { openSource: () => page.openRow(row) } : {}),
      tableText: text,
      steps: stepItems(store, row.func, undefined),
      ...(hasBox(row) ? { zoom: () => page.choose(row, true) } : {}),
    });
  const choose = (row: RowId): void => {
    if (chosen.func === row.func && chosen.line === row.line) return;
    chosen = row;
    if (table.element.isConnected) table.revealChosen();
  };
  store.listen('tree', arrange);
  store.listen('mark', () => {
    const { mark } = store;
    // A function chosen in a filtered table leaves the filter as it is.
    if (mark.kind !== 'function') {
      matching = mark.kind === 'none' ? undefined : mark.functions;
      arrange();
    }
    choose(mark.kind === 'function' ? { func: mark.func, line: mark.line } : NO_ROW);
  });
  store.listen('selection', () => {
    if (store.mark.kind === 'none') choose(store.selectedRow);
  });
  return { element: table.element, shown: arrange };
}
