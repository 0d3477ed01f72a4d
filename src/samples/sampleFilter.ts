import type { SampleFilter } from '../../profile/filter.ts';
import type { SampleChoice } from '../../webview/query.ts';

/** What a choice of samples leaves of a profile. @param treatment what becomes of frames that are hidden */
export function sampleFilter(choice: SampleChoice, treatment: SampleFilter['treatment']): SampleFilter {
  const { scope, onCpuOnly, readyOnly, waitingOnly, gilOnly, gcOnly, range, transforms } = choice;
  return {
    onCpuOnly,
    readyOnly,
    waitingOnly,
    gilOnly,
    gcOnly,
    ...(range === null ? {} : { range }),
    ...(transforms.length === 0 ? {} : { transforms }),
    ...(treatment === undefined ? {} : { treatment }),
    ...(scope.kind === 'thread' ? { threads: new Set([scope.id]) } : {}),
    ...(scope.kind === 'threads' ? { threads: new Set(scope.ids) } : {}),
    ...(scope.kind === 'process' ? { processes: new Set([scope.id]) } : {}),
  };
}
