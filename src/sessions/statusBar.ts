import * as vscode from 'vscode';
import { Format } from '../format.ts';
import { plain } from '../heat/heatHover.ts';
import type { ProfileSource } from '../profileSource.ts';
import { ProfileSession } from './profileSession.ts';
import type { Sources } from './sources.ts';
import { stopsText } from './stopsText.ts';

const COMMANDS = ['heatline.stop', 'heatline.pause', 'heatline.resume', 'heatline.discard', 'heatline.save', 'heatline.showFlameGraph'];

/** An item in the status bar for each process that is being profiled: its pace, and a menu. */
export class StatusBar implements vscode.Disposable {
  readonly #items = new Map<ProfileSource, vscode.StatusBarItem>();
  readonly #subscriptions: vscode.Disposable[];
  readonly #format = new Format(vscode.env.language);

  constructor(sources: Sources) {
    const update = (source: ProfileSource): void => this.#update(source);
    this.#subscriptions = [sources.onDidAdd(update), sources.onDidChange(update), sources.onDidRemove((source) => this.#remove(source))];
  }

  dispose(): void {
    vscode.Disposable.from(...this.#subscriptions, ...this.#items.values()).dispose();
  }

  #update(source: ProfileSource): void {
    if (!(source instanceof ProfileSession)) return;
    if (source.state === 'ended') {
      this.#remove(source);
      return;
    }
    let item = this.#items.get(source);
    if (item === undefined) {
      const { t } = vscode.l10n;
      item = vscode.window.createStatusBarItem(`heatline.${source.id}`, vscode.StatusBarAlignment.Left, 0);
      item.name = t('Heatline: {0}', source.title);
      item.command = { command: 'heatline.sessionMenu', title: t('Profiling Actions'), arguments: [source.id] };
      this.#items.set(source, item);
    }
    item.text = this.#text(source);
    item.accessibilityInformation = {
      label: vscode.l10n.t('Profiling {0}, {1} samples per second', source.title, this.#format.count(source.samplesPerSecond)),
      role: 'button',
    };
    item.tooltip = this.#tooltip(source);
    item.show();
  }

  #remove(source: ProfileSource): void {
    this.#items.get(source)?.dispose();
    this.#items.delete(source);
  }

  #text(session: ProfileSession): string {
    const { t } = vscode.l10n;
    const name = session.target.name.replaceAll('$(', '$ (');
    switch (session.state) {
      case 'starting':
        return `$(loading~spin) ${name}`;
      case 'paused':
        return t('$(debug-pause) {0}: paused', name);
      case 'running':
      case 'ended':
        return t('$(flame) {0}: {1}/s', name, this.#format.shortCount(session.samplesPerSecond));
    }
  }

  #tooltip(session: ProfileSession): vscode.MarkdownString {
    const { t } = vscode.l10n;
    const { id, state, profile } = session;
    const { quality } = profile;
    const link = (text: string, command: string): string =>
      `[${plain(text)}](command:heatline.${command}?${encodeURIComponent(JSON.stringify([id]))})`;
    const format = this.#format;
    const links = [
      link(t('Stop'), 'stop'),
      state === 'paused' ? link(t('Resume'), 'resume') : link(t('Pause'), 'pause'),
      link(t('Show Flame Graph'), 'showFlameGraph'),
      link(t('Save…'), 'save'),
      link(t('Discard'), 'discard'),
    ];
    const text = new vscode.MarkdownString(
      [
        `**${plain(session.title)}**`,
        plain(t('{0} samples in {1}', format.count(quality.samples), format.time(quality.elapsed))),
        plain(
          t(
            '{0} not read to their end, {1} lost, {2} missed',
            format.count(quality.partial),
            format.count(quality.lost),
            format.count(quality.missed),
          ),
        ),
        ...stopsText(profile, format).map(plain),
        links.join(' | '),
      ].join('\n\n'),
    );
    text.isTrusted = { enabledCommands: COMMANDS };
    return text;
  }
}
