import type { SampleFilter } from '../../profile/filter.ts';
import type { SampleChoice } from '../../webview/query.ts';

/** What a choice of samples leaves of a profile. @param treatment what becomes of frames that are hidden */
export function sampleFilter(
  { scope, onCpuOnly, readyOnly, gilOnly, transforms }: SampleChoice,
  treatment: SampleFilter['treatment'],
): SampleFilter {
  return {
    onCpuOnly,
    readyOnly,
    gilOnly,
    ...(transforms.length === 0 ? {} : { transforms }),
    ...(treatment === undefined ? {} : { treatment }),
    ...(scope.kind === 'thread' ? { threads: new Set([scope.id]) } : {}),
    ...(scope.kind === 'process' ? { processes: new Set([scope.id]) } : {}),
  };
}
