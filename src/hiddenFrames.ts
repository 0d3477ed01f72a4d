import * as vscode from 'vscode';
import type { FunctionRecord } from '../profile/delta.ts';
import type { FrameTreatment, SampleFilter } from '../profile/filter.ts';
import { withoutDebugger } from './debugging/debuggerFrames.ts';
import { withoutKernel } from './notebooks/kernelFrames.ts';

/** The settings that hide frames. */
export const HIDING_SETTINGS = ['heatline.hideDebuggerFrames', 'heatline.hideKernelFrames'] as const;

/** What becomes of functions' frames by the settings. The same function as long as those are: answers may be kept by it. */
export function treatment(): SampleFilter['treatment'] {
  const heatline = vscode.workspace.getConfiguration('heatline');
  const hidesDebugger = heatline.get<unknown>('hideDebuggerFrames') !== false;
  const hidesKernel = heatline.get<unknown>('hideKernelFrames') !== false;
  if (hidesDebugger) return hidesKernel ? withoutBoth : withoutDebugger;
  return hidesKernel ? withoutKernel : undefined;
}

function withoutBoth(func: FunctionRecord): FrameTreatment {
  const treatment = withoutDebugger(func);
  return treatment === 'show' ? withoutKernel(func) : treatment;
}
