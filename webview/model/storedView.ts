import { index, list, oneOf, record } from '../parse.ts';
import { parsePath, parseQuery, parseRange } from '../parseQuery.ts';
import type { NodePath, Query, TimeRange } from '../query.ts';
import { DEFAULT_SORT, type Sort } from './functionRows.ts';

/** What the page keeps while its tab is hidden, when VS Code throws the page away. Small, and no data of the profile. */
export interface StoredView {
  readonly query: Query;
  readonly search: string;
  /** What is searched is a regular expression. */
  readonly searchPattern: boolean;
  /** Capitals are no small letters. */
  readonly searchCase: boolean;
  /** Where the view was: a node, and the share of it that lies left of and in the view. */
  readonly zoom: { readonly path: NodePath; readonly start: number; readonly end: number };
  readonly selection: NodePath | null;
  readonly rootBelow: boolean;
  readonly tableShown: boolean;
  /** Share of the space that the table has. */
  readonly tableShare: number;
  readonly sort: Sort;
  readonly moduleSort: Sort;
  readonly callSort: Sort;
  /** Id of the view that is shown at the side; empty: the first. */
  readonly sideView: string;
  readonly timelineShown: boolean;
  /** Share of the page's height that the time line has at most. */
  readonly timelineShare: number;
  /** Which of its lanes show calls; null: as there are few threads or many. */
  readonly openLanes: readonly number[] | null;
  /** What it shows; null: everything. */
  readonly timelineView: TimeRange | null;
}

export const DEFAULT_VIEW: Omit<StoredView, 'query'> = {
  search: '',
  searchPattern: false,
  searchCase: false,
  zoom: { path: [], start: 0, end: 1 },
  selection: null,
  rootBelow: false,
  tableShown: true,
  tableShare: 0.34,
  sort: DEFAULT_SORT,
  moduleSort: DEFAULT_SORT,
  callSort: { key: 'total', descending: true },
  sideView: '',
  timelineShown: true,
  timelineShare: 0.3,
  openLanes: null,
  timelineView: null,
};

/** Whatever makes no sense becomes its default. */
export function parseStoredView(data: unknown, query: Query): StoredView {
  const stored = record(data) ?? {};
  const zoom = record(stored['zoom']) ?? {};
  const zoomPath = parsePath(zoom['path']);
  const start = share(zoom['start']);
  const end = share(zoom['end']);
  return {
    query: parseQuery(stored['query']) ?? query,
    search: typeof stored['search'] === 'string' ? stored['search'] : '',
    searchPattern: stored['searchPattern'] === true,
    searchCase: stored['searchCase'] === true,
    zoom:
      zoomPath === undefined || start === undefined || end === undefined || end <= start
        ? DEFAULT_VIEW.zoom
        : { path: zoomPath, start, end },
    selection: parsePath(stored['selection']) ?? null,
    rootBelow: stored['rootBelow'] === true,
    tableShown: stored['tableShown'] !== false,
    tableShare: share(stored['tableShare']) ?? DEFAULT_VIEW.tableShare,
    sort: parseSort(stored['sort']) ?? DEFAULT_VIEW.sort,
    moduleSort: parseSort(stored['moduleSort']) ?? DEFAULT_VIEW.moduleSort,
    callSort: parseSort(stored['callSort']) ?? DEFAULT_VIEW.callSort,
    sideView: typeof stored['sideView'] === 'string' ? stored['sideView'] : DEFAULT_VIEW.sideView,
    timelineShown: stored['timelineShown'] !== false,
    timelineShare: share(stored['timelineShare']) ?? DEFAULT_VIEW.timelineShare,
    openLanes: list(stored['openLanes'], index) ?? null,
    timelineView: parseRange(stored['timelineView']) ?? null,
  };
}

function parseSort(data: unknown): Sort | undefined {
  const sort = record(data);
  const key = oneOf(sort?.['key'], ['self', 'total', 'name']);
  return key && { key, descending: sort?.['descending'] === true };
}

function share(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 0 && value <= 1 ? value : undefined;
}
