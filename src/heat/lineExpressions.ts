import type * as vscode from 'vscode';
import { expressionTimes, type ExpressionTime } from '../../profile/expressions.ts';
import type { WeighedStacks } from '../../profile/weighedStacks.ts';
import type { DocumentHeat } from './documentHeat.ts';
import type { ColorScale } from './fileHeat.ts';

/** An expression of a line, where it is in the document now. */
export interface PlacedExpression extends ExpressionTime {
  readonly range: vscode.Range;
}

/**
 * The expressions of a line that take the most time, most first. None where the profile does not tell instructions, and none of those
 * whose text has changed since.
 * @param profiled the line as profiled, 1-based
 */
export function lineExpressions(weights: WeighedStacks, document: DocumentHeat, profiled: number, limit: number): PlacedExpression[] {
  if (!weights.profile.instructions.isPresent) return [];
  const sums = new Map<string, ExpressionTime>();
  for (const { file, shift } of document.names) {
    for (const time of expressionTimes(weights, file, profiled - shift, Infinity)) {
      const key = [time.opcode, time.endLine + shift, time.startColumn, time.endColumn].join(' ');
      const sum = sums.get(key);
      sums.set(key, {
        ...time,
        line: profiled,
        endLine: time.endLine + shift,
        self: time.self + (sum?.self ?? 0),
        total: time.total + (sum?.total ?? 0),
        samples: time.samples + (sum?.samples ?? 0),
      });
    }
  }
  const found: PlacedExpression[] = [];
  for (const time of [...sums.values()].sort((a, b) => b.total - a.total || b.self - a.self)) {
    if (found.length >= limit) break;
    const range = document.rangeOf(time);
    if (range !== undefined) found.push({ ...time, range });
  }
  return found;
}

/** The one with the most time on the scale; undefined where that has changed, or none is known. */
export function hottestExpression(
  weights: WeighedStacks,
  document: DocumentHeat,
  profiled: number,
  colors: ColorScale,
): PlacedExpression | undefined {
  const found = lineExpressions(weights, document, profiled, Infinity);
  return found.reduce<PlacedExpression | undefined>(
    (best, one) => (best === undefined || one[colors] > best[colors] ? one : best),
    undefined,
  );
}
