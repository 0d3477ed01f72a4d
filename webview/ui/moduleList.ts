import { t } from '../l10n.ts';
import { moduleRows } from '../model/functionRows.ts';
import { functionTextRows, tableText, type TableFormat } from '../model/tableText.ts';
import { copyItems } from './frameMenu.ts';
import { moduleItems } from './moduleMenu.ts';
import { TimeTable } from './timeTable.ts';
import type { Page, View } from './view.ts';

/** The table of modules: files, and of native code libraries. */
export function moduleList(page: Page): View {
  const { store } = page;
  const { functions } = store;
  let rows: Int32Array = new Int32Array(0);
  let chosen = -1;
  const table = new TimeTable(
    {
      table: t('Modules by time'),
      name: t('Module'),
      nameTitle: t('File, and the folder that it is in'),
      selfTitle: t('Time in the functions of the module themselves'),
      totalTitle: t('Time in the functions of the module and all they call'),
    },
    store.format,
    store.kept.moduleSort,
    {
      choose: (position) => {
        chosen = store.tree!.modules.func[rows[position]!]!;
        store.markModule(chosen);
      },
      menu: (position, x, y) => {
        const func = store.tree!.modules.func[rows[position]!]!;
        page.showMenu([...moduleItems(store, func), ...copyItems(functions.moduleName(func), text)], x, y);
      },
      sorted: (sort) => {
        store.keep({ moduleSort: sort });
        arrange();
      },
      escape: () => page.escape(),
      key: (event) => page.key(event),
    },
  );
  const text = (as: TableFormat): string => {
    const { modules, totalTime } = store.tree!;
    const all = functionTextRows(rows, modules, functions).map((row, at) => ({
      ...row,
      name: functions.moduleName(modules.func[rows[at]!]!),
      line: 0,
    }));
    return tableText(as, t('Module'), all, store.format, totalTime);
  };
  const arrange = (): void => {
    if (store.tree === undefined || !table.element.isConnected) return;
    const { modules, totalTime } = store.tree;
    const { mark } = store;
    const matching = mark.kind === 'search' ? mark.functions : undefined;
    rows = moduleRows(modules, functions, store.kept.moduleSort, matching);
    table.show({
      count: rows.length,
      whole: totalTime,
      row: (position) => {
        const at = rows[position]!;
        const func = modules.func[at]!;
        return {
          self: modules.self[at]!,
          total: modules.total[at]!,
          name: functions.moduleName(func),
          place: functions.moduleFolder(func),
          fullPlace: functions.moduleFile(func),
        };
      },
      chosen: () => rows.findIndex((at) => modules.func[at] === chosen),
      empty: matching === undefined ? t('No samples of Python functions') : t('No module matches'),
    });
  };
  store.listen('tree', arrange);
  store.listen('mark', () => {
    const { mark } = store;
    chosen = mark.kind === 'module' ? mark.func : -1;
    arrange();
  });
  return { element: table.element, shown: arrange };
}
