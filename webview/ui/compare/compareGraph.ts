import type { CompareMessage, CompareRow, CompareTree } from '../../compareMessages.ts';
import { t } from '../../l10n.ts';
import { type DiffPicture, diffPalette, diffPicture, type DiffWidth } from '../../model/diffPicture.ts';
import { Functions, type FunctionSet } from '../../model/functions.ts';
import { markTree } from '../../model/marks.ts';
import { widerCaller } from '../../model/navigation.ts';
import { NodeIndex, pathOf } from '../../model/nodeIndex.ts';
import { element, setText } from '../dom.ts';
import { listenToInput } from '../flameInput.ts';
import { FlameView } from '../flameView.ts';
import { readTheme, type Theme } from '../theme.ts';
import { Tooltip, type TooltipRow } from '../tooltip.ts';
import type { DiffFormat } from './diffFormat.ts';

export interface CompareGraphEvents {
  readonly open: (file: string, line: number) => void;
  /** Says it to screen readers. */
  readonly say: (text: string) => void;
}

/** The differential flame graph with the selected box in words below. */
export class CompareGraph {
  readonly element: HTMLElement;
  readonly #events: CompareGraphEvents;
  readonly #functions = new Functions();
  readonly #view: FlameView;
  readonly #tooltip = new Tooltip();
  readonly #empty = element('p', { class: 'compare-empty', hidden: true });
  readonly #details = element('div', { class: 'details' });
  #width: DiffWidth = 'after';
  #compared: CompareTree | undefined;
  #picture: DiffPicture | undefined;
  #format: DiffFormat | undefined;
  #marked: FunctionSet | undefined;

  constructor(events: CompareGraphEvents) {
    this.#events = events;
    this.#view = new FlameView(this.#functions, diffTheme(), true, {
      viewChanged: () => this.#hover(-1, 0, 0),
      viewSettled: () => undefined,
    });
    this.#view.labels = { root: t('All threads'), processes: [] };
    this.element = element(
      'section',
      { 'class': 'graph', 'aria-label': t('Differential flame graph') },
      this.#empty,
      this.#view.element,
      this.#details,
      this.#tooltip.element,
    );
    listenToInput(this.#view, {
      select: (node) => this.#select(node),
      openSource: (node) => this.#open(node),
      hover: (node, x, y) => this.#hover(node, x, y),
      endHover: () => this.#hover(-1, 0, 0),
      menu: (node) => this.#view.zoomTo(node),
      escape: () => this.#escape(),
      key: () => false,
    });
    this.#select(-1);
  }

  show({ tree, functions }: CompareMessage, format: DiffFormat): void {
    this.#compared = tree;
    this.#format = format;
    this.#functions.clear();
    const files = [...new Set(functions.files)];
    const fileIds = new Map(files.map((file, id) => [file, id]));
    this.#functions.add({
      type: 'functions',
      first: 0,
      names: functions.names,
      files: Int32Array.from(functions.files, (file) => fileIds.get(file)!),
      firstLines: functions.firstLines,
      native: new Uint8Array(functions.names.length),
      firstFile: 0,
      newFiles: files,
      libraries: new Int32Array(functions.names.length).fill(-1),
      firstLibrary: 0,
      newLibraries: [],
    });
    this.#marked = undefined;
    this.#draw();
  }

  setWidth(width: DiffWidth): void {
    this.#width = width;
    this.#draw();
  }

  search(text: string): void {
    this.#mark(this.#functions.search(text));
  }

  /** Lets a function stand out. */
  mark({ name, file }: CompareRow): void {
    const func = this.#functions.names.findIndex((one, id) => one === name && this.#functions.file(id) === file);
    this.#mark(func < 0 ? undefined : this.#functions.only(func));
  }

  readTheme(): void {
    this.#view.theme = diffTheme();
  }

  #draw(): void {
    if (this.#compared === undefined) return;
    const selected = this.#view.picture === undefined ? undefined : pathOf(this.#view.picture.tree, this.#view.selected);
    this.#picture = diffPicture(this.#compared, this.#width);
    const { tree, classes } = this.#picture;
    const isEmpty = tree.total[0] === 0;
    this.#empty.hidden = !isEmpty;
    this.#view.element.hidden = isEmpty;
    setText(this.#empty, this.#width === 'gone' ? t('All calls that were there before are there after, too.') : t('No samples'));
    this.#view.setPicture({ tree, classes, inverted: false, index: new NodeIndex(tree) }, false);
    const found = selected === undefined || selected.length === 0 ? undefined : this.#view.picture!.index.follow(selected);
    this.#select(found?.rest === 0 ? found.node : -1);
    this.#mark(this.#marked);
  }

  #mark(functions: FunctionSet | undefined): void {
    this.#marked = functions;
    this.#view.marked = functions === undefined || this.#picture === undefined ? undefined : markTree(this.#picture.tree, functions).nodes;
  }

  #select(node: number): void {
    this.#view.selected = node;
    if (node < 0 || this.#picture === undefined) {
      this.#details.replaceChildren(
        element('span', { class: 'details-hint', text: t('Click a box to see its source, double-click to zoom; Escape zooms out.') }),
      );
      return;
    }
    const { name, place, rows } = this.#describe(node);
    const figures = rows.map((row) => row.filter(Boolean).join(' ')).join(' · ');
    this.#details.replaceChildren(
      element('span', { class: 'details-name', text: name }),
      element('span', { class: 'details-place', text: place }),
      element('span', { class: 'details-figures', text: figures }),
    );
    this.#events.say([name, place, figures].join(', '));
  }

  /** Zooms out a caller at a time; then takes the mark and the selection away. */
  #escape(): void {
    const { picture, camera } = this.#view;
    if (picture !== undefined && camera.zoomed)
      this.#view.zoomTo(widerCaller(picture.tree, picture.index.follow(this.#view.anchor.path).node));
    else if (this.#marked !== undefined) this.#mark(undefined);
    else this.#select(-1);
  }

  #open(node: number): void {
    const func = this.#picture?.tree.func[node] ?? -1;
    if (this.#functions.hasSource(func) && func >= 0) this.#events.open(this.#functions.file(func), this.#functions.firstLine(func));
  }

  #hover(node: number, x: number, y: number): void {
    const changed = this.#view.hovered !== node;
    this.#view.hovered = node;
    if (node < 0) this.#tooltip.hide();
    else if (changed) {
      const { name, place, rows } = this.#describe(node);
      this.#tooltip.showRows(name, place, rows, x, y);
    } else this.#tooltip.move(x, y);
  }

  #describe(node: number): { readonly name: string; readonly place: string; readonly rows: readonly TooltipRow[] } {
    const { tree, source } = this.#picture!;
    const compared = this.#compared!;
    const format = this.#format!;
    const at = source[node]!;
    const func = tree.func[node]!;
    const total = { before: format.ofNode(compared.totalBefore[at]!), after: format.ofNode(compared.totalAfter[at]!) };
    const self = { before: format.ofNode(compared.selfBefore[at]!), after: format.ofNode(compared.selfAfter[at]!) };
    const row = (label: string, change: typeof total): TooltipRow => [
      label,
      t('{0} → {1}', format.value(change.before), format.value(change.after)),
      [format.change(change), format.ratio(change)].filter((text) => text !== '').join(' '),
    ];
    const rows = [row(t('Total'), total), row(t('Self'), self)];
    if (node > 0 && compared.isSignificant[at] === 0 && total.before !== total.after) rows.push(['', t('may be chance'), '']);
    return {
      name: func < 0 ? this.#view.labels.root : this.#functions.name(func),
      place: func < 0 ? '' : this.#functions.shortPlace(func, this.#functions.firstLine(func)),
      rows,
    };
  }
}

function diffTheme(): Theme {
  const theme = readTheme();
  return { ...theme, palette: diffPalette(theme.palette, theme.highContrast) };
}
