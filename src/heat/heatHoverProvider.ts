import * as vscode from 'vscode';
import type { Config } from '../config.ts';
import { Format } from '../format.ts';
import type { SampleChoices } from '../samples/sampleChoices.ts';
import { wholeText } from '../samples/samplesText.ts';
import type { Heat } from './heat.ts';
import { hoverMarkdown } from './heatHover.ts';

const CALLERS = 5;
const EXPRESSIONS = 5;

/** Tells of a hot line's time and callers when it is hovered. */
export class HeatHoverProvider implements vscode.HoverProvider {
  readonly #heat: Heat;
  readonly #config: Config;
  readonly #samples: SampleChoices;
  readonly #format = new Format(vscode.env.language);

  constructor(heat: Heat, config: Config, samples: SampleChoices) {
    this.#heat = heat;
    this.#samples = samples;
    this.#config = config;
  }

  async provideHover(document: vscode.TextDocument, position: vscode.Position): Promise<vscode.Hover | undefined> {
    if (!this.#config.hover) return undefined;
    const facts = await this.#heat.lineFacts(document, position.line, CALLERS, EXPRESSIONS);
    if (facts === undefined) return undefined;
    const { source, ...rest } = facts;
    const whole = wholeText(this.#samples.of(source), source.profile, facts.totalTime, this.#format);
    // Said where it could be had, and was not asked for.
    const offersExpressions =
      !this.#config.instructions &&
      !source.profile.instructions.isPresent &&
      source.profile.processes.some(({ pythonVersion }) => tellsInstructions(pythonVersion));
    const text = new vscode.MarkdownString(
      hoverMarkdown({ sourceId: source.id, title: source.title, whole, offersExpressions, ...rest }, this.#format),
    );
    text.isTrusted = { enabledCommands: ['heatline.openFrame', 'heatline.showFlameGraph', 'workbench.action.openSettings'] };
    return new vscode.Hover(text, document.lineAt(position.line).range);
  }
}

/** Python 3.11 and newer have columns. */
function tellsInstructions(version: string): boolean {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(version) ?? [];
  return Number(major) > 3 || (Number(major) === 3 && Number(minor) >= 11);
}
