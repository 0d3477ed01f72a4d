import type { PageAction } from '../messages.ts';
import type { RowId } from '../model/rowId.ts';
import type { Store } from '../model/store.ts';
import type { NodePath } from '../query.ts';
import type { MenuItem } from './menu.ts';
import type { Theme } from './theme.ts';

/**
 * Where a view stands: in a band above, between toolbar and graph; in the middle; or at the side of that. All bands show; of the
 * middle and of the side one view each, which tabs choose where there are several.
 */
export type ViewPlace = 'band' | 'middle' | 'side';

/** One way to show the store. It listens to the store's news itself; what only concerns it while it can be seen, it is told here. */
export interface View {
  readonly element: HTMLElement;
  /** Whether it can be seen; always unless told. While it can't, it is told of themes alone. */
  readonly isShown?: () => boolean;
  /** It was hidden and now can be seen: it may have missed news. */
  readonly shown?: () => void;
  /** What gets the focus when the search box gives it up. */
  readonly focus?: () => void;
  /** The editor's colours are others now. */
  readonly setTheme?: (theme: Theme) => void;
  /** A function was chosen in another view, and stands out: shows where it is, and as large as can be if it is to zoom. */
  readonly point?: (row: RowId, zoom: boolean) => void;
  /** A call was chosen in another view: shows where it is. */
  readonly pointPath?: (path: NodePath) => void;
  /** Goes to the next or previous of what stands out. */
  readonly nextMatch?: (by: 1 | -1) => void;
  /** Goes back a step of its own (a zoom, a selection), as there was no mark to clear. */
  readonly escape?: () => void;
  /** A key that no part of the page that has the focus knew; returns whether it means something to this view. */
  readonly key?: (event: KeyboardEvent) => boolean;
  /** Does what a command of the editor asks for, if it is about what this view has selected. */
  readonly act?: (action: PageAction) => void;
  /** Shows everything. */
  readonly reset?: () => void;
  /** Something covers the page now: what hangs over it goes away. */
  readonly cover?: () => void;
}

/** What views can ask the page for. */
export interface Page {
  readonly store: Store;
  readonly showMenu: (items: readonly MenuItem[], x: number, y: number) => void;
  readonly isMenuOpen: () => boolean;
  /** What stands out, in few words beside the search box; empty: nothing is meant to. */
  readonly showMatches: (text: string, some: boolean) => void;
  /** Lets a function stand out in all views, which show where it is. */
  readonly choose: (row: RowId, zoom?: boolean) => void;
  /** Selects a call in all views, which show where it is. */
  readonly choosePath: (path: NodePath) => void;
  /** Shows what a function's row is about in the editor. */
  readonly openRow: (row: RowId) => void;
  /** Says it to screen readers. */
  readonly say: (text: string) => void;
  /** Clears what stands out, or goes back a step. */
  readonly escape: () => void;
  /** Keys that mean something to the whole page; returns whether this one does. */
  readonly key: (event: KeyboardEvent) => boolean;
}

/** An entry of the registry (views.ts). */
export interface ViewKind {
  readonly id: string;
  readonly place: ViewPlace;
  readonly label: () => string;
  readonly create: (page: Page) => View;
}
