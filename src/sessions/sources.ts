import * as vscode from 'vscode';
import type { ProfileSource } from '../profileSource.ts';

/** The profiles of this window, in the order they came. */
export class Sources implements vscode.Disposable {
  readonly #sources = new Map<string, { source: ProfileSource; subscription: vscode.Disposable }>();
  readonly #onDidChange = new vscode.EventEmitter<ProfileSource>();
  readonly #onDidAdd = new vscode.EventEmitter<ProfileSource>();
  readonly #onDidRemove = new vscode.EventEmitter<ProfileSource>();
  /** Samples or state of one of them changed. */
  readonly onDidChange = this.#onDidChange.event;
  readonly onDidAdd = this.#onDidAdd.event;
  readonly onDidRemove = this.#onDidRemove.event;
  #lastId = 0;

  get all(): readonly ProfileSource[] {
    return [...this.#sources.values()].map(({ source }) => source);
  }

  nextId(): string {
    return `profile-${++this.#lastId}`;
  }

  get(id: string): ProfileSource | undefined {
    return this.#sources.get(id)?.source;
  }

  add(source: ProfileSource): void {
    const subscription = source.onDidChange(() => this.#onDidChange.fire(source));
    this.#sources.set(source.id, { source, subscription });
    this.#onDidAdd.fire(source);
  }

  remove(source: ProfileSource): void {
    const entry = this.#sources.get(source.id);
    if (entry === undefined) return;
    entry.subscription.dispose();
    this.#sources.delete(source.id);
    this.#onDidRemove.fire(source);
    disposeOf(source);
  }

  dispose(): void {
    for (const { source, subscription } of this.#sources.values()) {
      subscription.dispose();
      disposeOf(source);
    }
    this.#sources.clear();
    vscode.Disposable.from(this.#onDidChange, this.#onDidAdd, this.#onDidRemove).dispose();
  }
}

function disposeOf(source: ProfileSource & { dispose?: () => void }): void {
  source.dispose?.();
}
