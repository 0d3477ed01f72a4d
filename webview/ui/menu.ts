import { element } from './dom.ts';

export interface MenuItem {
  readonly label: string;
  /** Shown at the right. */
  readonly key?: string;
  readonly action: () => void;
  /** A line above it. */
  readonly separated?: boolean;
}

/** A context menu that looks and behaves like the editor's. */
export class Menu {
  readonly element = element('div', { class: 'menu', role: 'menu', hidden: true });
  #items: readonly MenuItem[] = [];
  #returnFocus: HTMLElement | undefined;

  constructor() {
    this.element.addEventListener('keydown', (event) => this.#onKey(event));
    this.element.addEventListener('focusout', (event) => {
      if (!(event.relatedTarget instanceof Node && this.element.contains(event.relatedTarget))) this.#close();
    });
    window.addEventListener('blur', () => this.#close());
  }

  get isOpen(): boolean {
    return !this.element.hidden;
  }

  show(items: readonly MenuItem[], x: number, y: number): void {
    this.#items = items;
    this.#returnFocus = document.activeElement instanceof HTMLElement ? document.activeElement : undefined;
    this.element.replaceChildren(
      ...items.map((item) => {
        const entry = element(
          'div',
          { class: item.separated === true ? 'menu-item separated' : 'menu-item', role: 'menuitem', tabindex: -1 },
          element('span', { text: item.label }),
          element('span', { class: 'key', text: item.key ?? '' }),
        );
        entry.addEventListener('click', () => this.#run(item));
        entry.addEventListener('pointerenter', () => entry.focus());
        return entry;
      }),
    );
    this.element.hidden = false;
    const { width, height } = this.element.getBoundingClientRect();
    this.element.style.left = `${place(x, width, window.innerWidth)}px`;
    this.element.style.top = `${place(y, height, window.innerHeight)}px`;
    (this.element.firstElementChild as HTMLElement | null)?.focus();
  }

  #run(item: MenuItem): void {
    this.#returnFocus?.focus();
    this.#close();
    item.action();
  }

  #close(): void {
    this.element.hidden = true;
  }

  #onKey(event: KeyboardEvent): void {
    const entries = [...this.element.children] as HTMLElement[];
    const now = entries.indexOf(document.activeElement as HTMLElement);
    if (event.key === 'ArrowDown') entries[(now + 1) % entries.length]?.focus();
    else if (event.key === 'ArrowUp') entries[(now - 1 + entries.length) % entries.length]?.focus();
    else if (event.key === 'Enter' || event.key === ' ') this.#run(this.#items[now]!);
    else if (event.key === 'Escape' || event.key === 'Tab') this.#returnFocus?.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

/** Beside the pointer, on either side, so that none of the items is chosen by being under it; somewhere else only if there is no room. */
function place(pointer: number, size: number, room: number): number {
  if (pointer + size + 4 <= room) return pointer;
  return pointer - size - 1 >= 4 ? pointer - size - 1 : Math.max(4, room - size - 4);
}
