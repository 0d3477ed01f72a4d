import * as vscode from 'vscode';
import type { HeatMarks } from '../config.ts';
import { LEVELS } from './fileHeat.ts';
import { gutterIcon } from './gutterIcon.ts';

/** From this level on a line shows in the overview ruler. */
const RULER_LEVEL = 5;

/**
 * The decoration types of heat, made once: one per level and one for all texts. Types are costly in
 * VS Code (a thousand take seconds), ranges and their texts are not.
 */
export class Palette implements vscode.Disposable {
  /** By level, the first (0) unused. */
  readonly levels: readonly vscode.TextEditorDecorationType[];
  readonly text: vscode.TextEditorDecorationType;
  /** The hottest expression of the hottest line. */
  readonly expression: vscode.TextEditorDecorationType;

  constructor(marks: HeatMarks) {
    this.levels = Array.from({ length: LEVELS + 1 }, (_, level) =>
      vscode.window.createTextEditorDecorationType({
        isWholeLine: true,
        rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
        ...(marks === 'line'
          ? {}
          : {
              gutterIconSize: 'contain',
              light: { gutterIconPath: iconUri(level, 'light') },
              dark: { gutterIconPath: iconUri(level, 'dark') },
            }),
        ...(marks === 'gutter' ? {} : { backgroundColor: new vscode.ThemeColor(`heatline.heatLine${Math.max(1, level)}`) }),
        ...(level < RULER_LEVEL
          ? {}
          : { overviewRulerColor: new vscode.ThemeColor(`heatline.heat${level}`), overviewRulerLane: vscode.OverviewRulerLane.Left }),
      }),
    );
    this.text = vscode.window.createTextEditorDecorationType({
      isWholeLine: true, // it stands after the line's last character, wherever in it its range is (EditorMarks)
      rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
      after: { margin: '0 0 0 3em', color: new vscode.ThemeColor('heatline.lineText') },
    });
    this.expression = vscode.window.createTextEditorDecorationType({
      rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
      borderWidth: '0 0 1px 0',
      borderStyle: 'dotted',
      borderColor: new vscode.ThemeColor('heatline.lineText'),
    });
  }

  get types(): readonly vscode.TextEditorDecorationType[] {
    return [...this.levels, this.text, this.expression];
  }

  /** Takes all marks off all editors. */
  dispose(): void {
    vscode.Disposable.from(...this.types).dispose();
  }
}

/** As a Uri object: VS Code takes a string for a path. */
function iconUri(level: number, theme: 'light' | 'dark'): vscode.Uri {
  return vscode.Uri.parse(`data:image/svg+xml;base64,${Buffer.from(gutterIcon(level, theme)).toString('base64')}`);
}
