import type { EngineEvent } from '../../native/index.ts';
import type { ProfileDelta } from '../../profile/delta.ts';
import { LiveTimes } from '../../profile/live/liveTimes.ts';
import { styled } from '../color.ts';
import { print } from '../say.ts';
import { ShortNames } from '../shortNames.ts';
import { printable } from '../taskText.ts';
import type { Key } from './keys.ts';
import { lineOf, type Screen, screenOf } from './layout.ts';
import { RowTexts } from './rows.ts';
import { type Effect, initialState, press, type TopState } from './state.ts';
import { Terminal } from './terminal.ts';

export interface TopViewOptions {
  readonly idle: boolean;
  readonly gil: boolean;
  readonly fullFilenames: boolean;
  readonly kind: TopState['kind'];
  readonly sort: TopState['sort'];
}

/** What is shown is of this. */
export interface Shown {
  pause(): void;
  resume(): void;
  /** The user has seen enough. */
  quit(): void;
}

/** Shows what an engine samples: on a terminal a picture that keys change, elsewhere a line for each delta. */
export class TopView {
  readonly #options: TopViewOptions;
  readonly #shown: Shown;
  readonly #terminal: Terminal | null;
  readonly #names = new ShortNames();
  #live: LiveTimes;
  #texts: RowTexts;
  #state: TopState;
  #title = '';
  #page: Screen | null = null;
  #isPrinting = false;

  /** @param hasScreen whether standard output is a terminal that can be drawn on */
  constructor(options: TopViewOptions, hasScreen: boolean, shown: Shown) {
    this.#options = options;
    this.#shown = shown;
    this.#state = { ...initialState, kind: options.kind, sort: options.sort };
    this.#live = new LiveTimes(options);
    this.#texts = this.#newTexts();
    this.#terminal = hasScreen
      ? new Terminal({ key: (key) => this.#press(key), resized: () => this.#draw(), gone: () => shown.quit() })
      : null;
  }

  started({ pid, pythonVersion, epoch }: Extract<EngineEvent, { readonly type: 'started' }>): void {
    this.#live = new LiveTimes(this.#options, epoch);
    this.#texts = this.#newTexts();
    this.#title = `process ${pid} (Python ${pythonVersion})`;
    this.#terminal?.open();
    this.#draw();
  }

  delta(delta: ProfileDelta): void {
    this.#live.append(delta);
    const [process] = this.#live.profile.processes;
    if (process !== undefined) {
      this.#title = `${process.name}, process ${process.pid} (Python ${process.pythonVersion})`;
      if (!this.#options.fullFilenames && delta.functions.length > 0)
        this.#names.learn(
          delta.functions.map(({ file }) => file),
          process.pid,
          process.workingDirectory,
        );
    }
    if (this.#terminal === null) this.#printLine();
    else this.#draw();
  }

  /** Gives the terminal back. */
  close(): void {
    this.#terminal?.close();
  }

  /** Leaves the last picture on the terminal, for what ended by itself. */
  async printLast(): Promise<void> {
    if (this.#terminal === null || this.#live.profile.version === 0) return;
    const { width, height } = this.#terminal.size;
    const state: TopState = { ...this.#state, sort: 'ownTime', isHelp: false, isTyping: false, isPaused: false, first: 0 };
    const { lines } = screenOf(this.#live, this.#texts, state, this.#title, { width, height: height - 2 });
    const texts = lines.slice(0, -1).map(({ text }) => text.trimEnd());
    while (texts.at(-1) === '') texts.pop();
    await print(`${texts.join('\n')}\n`);
  }

  #newTexts(): RowTexts {
    return new RowTexts(this.#live, (file) => (this.#options.fullFilenames ? file : this.#names.get(file)));
  }

  /** Who does not read misses lines. */
  #printLine(): void {
    if (this.#isPrinting || this.#live.states.window === 0) return;
    this.#isPrinting = true;
    void print(`${lineOf(this.#live, this.#texts, this.#state)}\n`).then((code) => {
      this.#isPrinting = false;
      if (code !== 0) this.#shown.quit();
    });
  }

  #draw(): void {
    if (this.#terminal === null) return;
    this.#page = screenOf(this.#live, this.#texts, this.#state, printable(this.#title), this.#terminal.size);
    this.#terminal.draw(this.#page.lines.map(({ text, style }) => (style === undefined ? text : styled(style, text, 1))));
  }

  #press(key: Key): void {
    const { rows, shown, first } = this.#page ?? { rows: 0, shown: 0, first: 0 };
    const { state, effect } = press({ ...this.#state, first }, key, { rows, shown });
    this.#state = state;
    if (effect !== undefined) this.#do(effect);
    this.#draw();
  }

  #do(effect: Effect): void {
    switch (effect) {
      case 'quit':
        this.close();
        this.#shown.quit();
        break;
      case 'pause':
        this.#shown.pause();
        break;
      case 'resume':
        this.#shown.resume();
        break;
      case 'reset':
        this.#live.reset();
        break;
      case 'suspend':
        this.#terminal?.suspend();
        break;
      case 'redraw':
        this.#terminal?.forget();
        break;
    }
  }
}
