import * as vscode from 'vscode';
import type { Heat } from '../heat/heat.ts';
import type { SampleChoices } from './sampleChoices.ts';
import { samplesText } from './samplesText.ts';

/** Says in the status bar that heat is made of other samples than the settings say: marks in the editor have no room for that. */
export class SamplesItem implements vscode.Disposable {
  readonly #heat: Heat;
  readonly #choices: SampleChoices;
  readonly #subscriptions: vscode.Disposable;
  #item: vscode.StatusBarItem | undefined;

  constructor(heat: Heat, choices: SampleChoices) {
    this.#heat = heat;
    this.#choices = choices;
    // Every other choice shows its heat anew, so that this hears of it.
    this.#subscriptions = heat.onDidChange(() => this.#update());
  }

  dispose(): void {
    this.#subscriptions.dispose();
    this.#item?.dispose();
  }

  #update(): void {
    const { t } = vscode.l10n;
    const { source, isEnabled } = this.#heat;
    if (source === undefined || !isEnabled || !this.#choices.isOwn(source)) {
      this.#item?.hide();
      return;
    }
    if (this.#item === undefined) {
      this.#item = vscode.window.createStatusBarItem('heatline.samples', vscode.StatusBarAlignment.Left, -1);
      this.#item.name = t('Heatline: Samples in Heat');
    }
    const text = samplesText(this.#choices.of(source), source.profile);
    this.#item.text = `$(filter) ${text.replaceAll('$(', '$ (')}`;
    this.#item.tooltip = t(
      'Heat in the editor shows the samples of {0} that are chosen in its flame graph: {1}. Click to choose others there.',
      source.title,
      text,
    );
    this.#item.command = { command: 'heatline.showFlameGraph', title: t('Show Flame Graph'), arguments: [source.id] };
    this.#item.show();
  }
}
