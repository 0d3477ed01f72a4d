import * as vscode from 'vscode';
import type { ExpressionTime } from '../../profile/expressions.ts';
import type { Caller, LineTime } from '../../profile/lines.ts';
import { baseName } from '../files/pathMatch.ts';
import type { Format } from '../format.ts';
import type { LineSplit } from './lineSplit.ts';

const BAR_WIDTH = 10;
/** Characters of an expression. */
const LONGEST_CODE = 40;
/** Expressions and waits for a core below this share of their line's total, and own times below this share of it, are not worth saying. */
const WORTH_SAYING = 0.01;

/** A caller and what to call it and its file. */
export interface NamedCaller extends Caller {
  readonly display: { readonly name: string; readonly file: string };
}

/** An expression of the line and its source text. */
export interface NamedExpression extends ExpressionTime {
  readonly text: string;
}

export interface HoverFacts {
  /** For the commands of the links. */
  readonly sourceId: string;
  readonly title: string;
  readonly time: LineTime;
  /** µs of all samples. */
  readonly totalTime: number;
  /** µs more in which the line could have run but had no core. */
  readonly ready?: number;
  /** How its own time was spent, where the profile tells. */
  readonly split?: LineSplit | undefined;
  /** Where it was counted: hits of the line, or calls of the function that begins in it. */
  readonly exact?: { readonly of: 'calls' | 'hits'; readonly count: number } | undefined;
  /** Localised: what the shares are of. */
  readonly whole: string;
  /** Most time first. */
  readonly callers: readonly NamedCaller[];
  /** Most time first; none where the profile does not tell. */
  readonly expressions?: readonly NamedExpression[];
  /** Whether to say where expressions can be asked for. */
  readonly offersExpressions?: boolean;
}

/** The text of a hover in Markdown. Names come from the profiled process, so nothing of theirs may act as Markdown. */
export function hoverMarkdown(
  { sourceId, title, time, totalTime, ready = 0, split, exact, whole, callers, expressions = [], offersExpressions = false }: HoverFacts,
  format: Format,
): string {
  const { t } = vscode.l10n;
  const share = (of: number): string => format.share(totalTime > 0 ? of / totalTime : 0);
  const lines = [
    `**Heatline** · ${plain(title)}`,
    '',
    `| | | |`,
    '|:--|--:|--:|',
    `| ${plain(t('Self'))} | **${share(time.self)}** | ${format.time(time.self)} |`,
    ...splitRows(split, share, format),
    `| ${plain(t('Total'))} | **${share(time.total)}** | ${format.time(time.total)} |`,
    ...(ready >= WORTH_SAYING * time.total && ready > 0 ? [`| ${plain(t('Ready, waiting for a core'))} | | ${format.time(ready)} |`] : []),
    ...countRows(time, exact, format),
    '',
    `*${plain(whole)}*`,
    ...nativeText(split, format),
  ];
  const told = expressions.filter(({ total }) => total >= WORTH_SAYING * time.total);
  if (told.length > 0) {
    lines.push(
      '',
      `| ${plain(t('Expression'))} | ${plain(t('Instruction'))} | ${plain(t('Self'))} | | ${plain(t('Total'))} |`,
      '|:--|:--|--:|--:|--:|',
    );
    for (const { text, opcode, self, total } of told) {
      const own = self >= WORTH_SAYING * time.total ? `**${share(self)}** | ${format.time(self)}` : ' | ';
      lines.push(`| ${code(text)} | ${code(opcode)} | ${own} | ${share(total)} |`);
    }
  }
  if (callers.length > 0) {
    lines.push('', plain(t('Called from')), '', '| | | | |', '|:--|--:|:--|:--|');
    for (const { file, line, time: callerTime, display } of callers) {
      const part = time.total > 0 ? Math.min(1, callerTime / time.total) : 0;
      const link = commandUri('heatline.openFrame', sourceId, file, line);
      lines.push(
        `| \`${bar(part)}\` | ${format.share(part)} | [${plain(display.name)}](${link} "${plain(t('Go to the call'))}") | ${plain(`${baseName(display.file)}:${line}`)} |`,
      );
    }
  }
  const links = [`[${plain(t('Show in Flame Graph'))}](${commandUri('heatline.showFlameGraph', sourceId)})`];
  if (offersExpressions)
    links.push(
      `[${plain(t('Show Time per Expression Next Time'))}](${commandUri('workbench.action.openSettings', 'heatline.instructions')})`,
    );
  lines.push('', links.join(' · '));
  return lines.join('\n');
}

/** What of the line's own time was native code's and the system's. */
function splitRows(split: LineSplit | undefined, share: (time: number) => string, format: Format): string[] {
  if (split === undefined) return [];
  const { t } = vscode.l10n;
  const native = split.by === 'instructions' ? t('of it in calls of C') : t('of it in native code');
  return [
    [native, split.native] as const,
    [t('of that in Python’s own C'), split.interpreter] as const,
    [t('of it in the system'), split.system] as const,
  ]
    .filter(([, time]) => time > 0 && time >= WORTH_SAYING * split.all)
    .map(([name, time]) => `| – ${plain(name)} | ${share(time)} | ${format.time(time)} |`);
}

/** The native functions that took most of the line's own time, or called the system. */
function nativeText(split: LineSplit | undefined, format: Format): string[] {
  const told = split === undefined ? [] : split.functions.filter(({ time }) => time >= WORTH_SAYING * split.all);
  if (split === undefined || told.length === 0) return [];
  const names = told.map(({ name, file, time }) => {
    const where = file === '' ? '' : ` ${plain(`(${baseName(file)})`)}`;
    return `${format.share(time / split.all)} ${code(name)}${where}`;
  });
  return ['', `${plain(vscode.l10n.t('Of the line’s own time:'))} ${names.join(', ')}`];
}

/** Samples; or what was counted, and how long each took. */
function countRows(time: LineTime, exact: HoverFacts['exact'], format: Format): string[] {
  const { t } = vscode.l10n;
  if (exact === undefined) return [`| ${plain(t('Samples'))} | ${format.count(time.samples)} | |`];
  const what = exact.of === 'calls' ? t('Calls, counted exactly') : t('Hits, counted exactly');
  return [`| ${plain(what)} | ${format.count(exact.count)} | ${plain(t('{0} each', format.time(time.total / exact.count)))} |`];
}

/** Eighths of a character make a bar of fixed width, so that shares can be compared at a glance. */
export function bar(part: number): string {
  const eighths = Math.round(part * BAR_WIDTH * 8);
  const full = Math.floor(eighths / 8);
  const rest = eighths % 8;
  return ('█'.repeat(full) + (rest === 0 ? '' : String.fromCodePoint(0x2590 - rest))).padEnd(BAR_WIDTH, '\u00a0');
}

/** Text that means only itself in Markdown: every mark escaped, on one line, of bearable length. */
export function plain(text: string): string {
  const line = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
  const cut = line.length > 200 ? `${line.slice(0, 200)}…` : line;
  return cut.replaceAll(/[\\`*_{}[\]()#+\-.!|<>&$~"':@]/g, (mark) => `\\${mark}`);
}

/** Source text that means only itself: in the font of code where nothing in it could end that, on one line, shortened in its middle. */
export function code(text: string): string {
  const line = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
  const characters = Array.from(line);
  const half = Math.floor(LONGEST_CODE / 2);
  const short =
    characters.length > LONGEST_CODE
      ? `${characters.slice(0, half).join('').trimEnd()} … ${characters.slice(-half).join('').trimStart()}`
      : line;
  // Tables end cells at bars in code, too, and how backslashes before them count differs.
  return short === '' || /[`|\\]/.test(short) ? plain(short) : `\`${short}\``;
}

function commandUri(command: string, ...args: readonly unknown[]): string {
  return `command:${command}?${encodeURIComponent(JSON.stringify(args)).replaceAll(/[()'*!]/g, (mark) => `%${mark.charCodeAt(0).toString(16)}`)}`;
}
