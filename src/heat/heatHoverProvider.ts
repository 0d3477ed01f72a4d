import * as vscode from 'vscode';
import type { Config } from '../config.ts';
import { Format } from '../format.ts';
import type { Heat } from './heat.ts';
import { hoverMarkdown } from './heatHover.ts';

const CALLERS = 5;
const EXPRESSIONS = 5;

/** Tells of a hot line's time and callers when it is hovered. */
export class HeatHoverProvider implements vscode.HoverProvider {
  readonly #heat: Heat;
  readonly #config: Config;
  readonly #format = new Format(vscode.env.language);

  constructor(heat: Heat, config: Config) {
    this.#heat = heat;
    this.#config = config;
  }

  async provideHover(document: vscode.TextDocument, position: vscode.Position): Promise<vscode.Hover | undefined> {
    if (!this.#config.hover) return undefined;
    const facts = await this.#heat.lineFacts(document, position.line, CALLERS, EXPRESSIONS);
    if (facts === undefined) return undefined;
    const { source, ...rest } = facts;
    const whole = this.#whole(this.#format.time(facts.totalTime));
    // Said where it could be had, and was not asked for.
    const offersExpressions = !this.#config.instructions && !source.profile.instructions.isPresent && source.profile.processes.some(({ pythonVersion }) => tellsInstructions(pythonVersion));
    const text = new vscode.MarkdownString(hoverMarkdown({ sourceId: source.id, title: source.title, whole, offersExpressions, ...rest }, this.#format));
    text.isTrusted = { enabledCommands: ['heatline.openFrame', 'heatline.showFlameGraph', 'workbench.action.openSettings'] };
    return new vscode.Hover(text, document.lineAt(position.line).range);
  }

  #whole(time: string): string {
    const { t } = vscode.l10n;
    const { filter } = this.#config;
    if (filter.gilOnly === true) return t('Shares of {0} that threads held the GIL', time);
    return filter.onCpuOnly === true ? t('Shares of {0} that threads ran on a core', time) : t('Shares of {0} of all threads, waiting included', time);
  }
}

/** Python 3.11 and newer have columns. */
function tellsInstructions(version: string): boolean {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(version) ?? [];
  return Number(major) > 3 || (Number(major) === 3 && Number(minor) >= 11);
}
