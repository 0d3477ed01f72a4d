/** ms between the beginnings of two looks. */
const INTERVAL = 1000;

export interface Followed {
  /** Looks once, and shows what there is. @returns false: it is not worth while to look again */
  readonly look: () => Promise<boolean>;
  /** What is hidden is not looked at. */
  readonly isVisible: () => boolean;
}

/** Looks again and again, each second, and more rarely where a look takes long: never more than half of the time. */
export class Following {
  #followed: Followed | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isLooking = false;
  readonly #onDidChange: (isOn: boolean) => void;

  constructor(onDidChange: (isOn: boolean) => void) {
    this.#onDidChange = onDidChange;
  }

  get isOn(): boolean {
    return this.#followed !== undefined;
  }

  start(followed: Followed): void {
    this.#followed = followed;
    this.#onDidChange(true);
    this.wake();
  }

  stop(): void {
    if (!this.isOn) return;
    this.#followed = undefined;
    clearTimeout(this.#timer);
    this.#onDidChange(false);
  }

  /** Looks now, if it is on and can be seen: it may have become visible. */
  wake(): void {
    clearTimeout(this.#timer);
    if (!this.#isLooking) void this.#turn();
  }

  async #turn(): Promise<void> {
    const followed = this.#followed;
    if (followed?.isVisible() !== true) return;
    this.#isLooking = true;
    const begin = performance.now();
    let goesOn = false;
    try {
      goesOn = await followed.look();
    } finally {
      this.#isLooking = false;
      if (this.#followed === followed) {
        const took = performance.now() - begin;
        if (goesOn) this.#timer = setTimeout(() => void this.#turn(), Math.max(INTERVAL - took, took));
        else this.stop();
      } else if (this.isOn) this.wake();
    }
  }
}
