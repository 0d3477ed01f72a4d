import { t } from '../l10n.ts';
import { pixelCss } from '../model/color.ts';
import { heatColors } from '../model/palette.ts';
import { element } from './dom.ts';
import type { Theme } from './theme.ts';
import { button } from './toolbar.ts';

/** Keys, mouse and colours, in a dialog. */
export class Help {
  readonly element: HTMLDialogElement;
  readonly #legend = element('div', { class: 'legend' });

  /** @param hasEditor so that sources can be shown */
  constructor(hasEditor: boolean) {
    const close = button('close', t('Close (Escape)'), () => this.element.close());
    this.element = element(
      'dialog',
      { 'class': 'help', 'aria-label': t('Keys and mouse') },
      element('div', { class: 'help-title' }, element('h2', { text: t('Keys and mouse') }), close),
      element('div', { class: 'help-columns' }, section(t('Mouse'), mouse(hasEditor)), section(t('Keys'), keys(hasEditor))),
      element('h3', { text: t('Colours') }),
      this.#legend,
    );
    this.element.addEventListener('click', (event) => {
      if (event.target === this.element) this.element.close(); // beside it
    });
    this.element.addEventListener('keydown', (event) => {
      if (event.key === '?') this.element.close();
      event.stopPropagation();
    });
  }

  show({ palette, lanes }: Theme): void {
    const rows = [
      ['own', t('Your code')],
      ['library', t('Installed packages')],
      ['standard', t('Standard library')],
      ['generated', t('Code without a file')],
      ['native', t('Native code')],
    ] as const;
    this.#legend.replaceChildren(
      ...rows.flatMap(([origin, label]) => {
        const swatches = heatColors(palette, origin).map((color) => {
          const swatch = element('i');
          swatch.style.background = color;
          return swatch;
        });
        return [element('span', { text: label }), element('span', { class: 'swatches' }, ...swatches)];
      }),
      ...(
        [
          [lanes.onCpu, t('Timeline: on a core')],
          [lanes.collectsGarbage, t('Timeline: collecting garbage')],
          [lanes.ready, t('Timeline: ready, but without a core')],
          [lanes.waiting, t('Timeline: waiting')],
          [lanes.holdsGil, t('Timeline: the stripe below, holding the GIL')],
        ] as const
      ).flatMap(([color, label]) => {
        const swatch = element('i');
        swatch.style.background = pixelCss(color);
        return [element('span', { text: label }), element('span', { class: 'swatches' }, swatch)];
      }),
      element('span', { class: 'legend-note', text: t('The redder a box, the more time is spent in it and not in what it calls.') }),
    );
    if (!this.element.open) this.element.showModal();
  }
}

function section(title: string, entries: readonly (readonly [does: string, how: string])[]): HTMLElement {
  return element(
    'section',
    {},
    element('h3', { text: title }),
    element('dl', {}, ...entries.flatMap(([how, does]) => [element('dt', { text: how }), element('dd', { text: does })])),
  );
}

function mouse(hasEditor: boolean): (readonly [string, string])[] {
  return [
    ...(hasEditor
      ? ([
          [t('Click'), t('Select and show the source line')],
          [t('Alt+Click'), t('Select only')],
        ] as const)
      : ([[t('Click'), t('Select')]] as const)),
    [t('Double-click'), t('Zoom to the box')],
    [t('Wheel'), t('Scroll up and down; zoom where all rows are in view')],
    [t('Ctrl+Wheel, pinch'), t('Zoom')],
    [t('Drag, Shift+Wheel'), t('Move sideways')],
    [t('Right click'), t('More')],
    [t('Drag in the timeline'), t('Show only this time')],
    [t('Shift+Drag in the timeline'), t('Move in time')],
  ];
}

function keys(hasEditor: boolean): (readonly [string, string])[] {
  return [
    ['↑ ↓ ← →', t('Caller, callee, neighbours')],
    ...(hasEditor ? ([[t('Enter'), t('Show the source line')]] as const) : []),
    [t('Z, Space'), t('Zoom to the box')],
    [t('Escape, Backspace'), t('Zoom out a step')],
    ['0', t('Show everything')],
    ['+ −', t('Zoom in, out')],
    [t('Home, End'), t('Root; end of the heaviest stack')],
    [t('/ or Ctrl+F'), t('Search')],
    ['Alt+C, Alt+R', t('Match case, regular expression')],
    ['N, F3', t('Next match (with Shift: previous)')],
    ['I', t('Callers (inverted)')],
    ['F', t('Root at the bottom')],
    ['T', t('Tables of functions, calls and modules')],
    ['E', t('In the call tree: expand the hottest path')],
    ['S', t('Focus on the subtree (with Shift: on the function)')],
    ['D', t('Drop the function’s samples (with Shift: the subtree’s)')],
    ['M, X', t('Merge the function into its callers; collapse its recursion')],
    ['H, B', t('Hide the library; fold it or open it')],
    ['O', t('Only my code')],
    ['W', t('Callers and callees of the function; back with Alt+←, forward with Alt+→')],
    ['U', t('Take the last step back')],
    [t('Ctrl+V'), t('Show a view that was copied')],
    ['Y', t('Timeline')],
  ];
}
