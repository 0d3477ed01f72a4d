import * as vscode from 'vscode';
import type { SampleFilter } from '../../profile/filter.ts';
import { type SampleChoice, sameSamples, samplesOf } from '../../webview/query.ts';
import type { ProfileSource } from '../profileSource.ts';
import { sampleFilter } from './sampleFilter.ts';

/** What the settings say, asked anew each time. */
export interface SampleSettings {
  readonly choice: () => SampleChoice;
  readonly treatment: () => SampleFilter['treatment'];
}

/**
 * Which samples of each profile count, everywhere: in its flame graph, where that is chosen, in the heat of the editor and its
 * hovers, and in the list. As the settings say until something else is chosen.
 */
export class SampleChoices implements vscode.Disposable {
  readonly #settings: SampleSettings;
  readonly #chosen = new WeakMap<ProfileSource, SampleChoice>();
  readonly #filters = new WeakMap<ProfileSource, { readonly choice: SampleChoice; readonly filter: SampleFilter }>();
  readonly #onDidChange = new vscode.EventEmitter<ProfileSource>();
  readonly onDidChange = this.#onDidChange.event;
  #settingsChoice: SampleChoice;

  constructor(settings: SampleSettings) {
    this.#settings = settings;
    this.#settingsChoice = settings.choice();
  }

  of(source: ProfileSource): SampleChoice {
    return this.#chosen.get(source) ?? this.#settingsChoice;
  }

  /** Whether that is not only what the settings say, but was said of this profile. */
  isKnown(source: ProfileSource): boolean {
    return this.#chosen.has(source);
  }

  /** Whether it is anything else than the settings say. */
  isOwn(source: ProfileSource): boolean {
    return !sameSamples(this.of(source), this.#settingsChoice);
  }

  choose(source: ProfileSource, choice: SampleChoice): void {
    const isOther = !sameSamples(choice, this.of(source));
    this.#chosen.set(source, samplesOf(choice));
    if (isOther) this.#onDidChange.fire(source);
  }

  /** The same object as long as it says the same: answers are kept by it. */
  filterOf(source: ProfileSource): SampleFilter {
    const choice = this.of(source);
    const treatment = this.#settings.treatment();
    const known = this.#filters.get(source);
    if (known !== undefined && known.filter.treatment === treatment && sameSamples(known.choice, choice)) return known.filter;
    const filter = sampleFilter(choice, treatment);
    this.#filters.set(source, { choice, filter });
    return filter;
  }

  /** Takes over what the settings say if that is something new; threads and times that were chosen stay. */
  settingsChanged(sources: readonly ProfileSource[]): void {
    const choice = this.#settings.choice();
    if (sameSamples(choice, this.#settingsChoice)) return;
    this.#settingsChoice = choice;
    for (const source of sources) {
      const chosen = this.#chosen.get(source);
      if (chosen !== undefined)
        this.#chosen.set(source, { ...choice, scope: chosen.scope, range: chosen.range, transforms: chosen.transforms });
      this.#onDidChange.fire(source);
    }
  }

  dispose(): void {
    this.#onDidChange.dispose();
  }
}
