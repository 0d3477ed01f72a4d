import type { FunctionRecord } from '../../profile/delta.ts';
import type { FrameTreatment } from '../../profile/filter.ts';

/** What is between a kernel's start and the code of a cell: ipykernel, what of IPython runs cells and magics, and what runs ipykernel. */
const KERNEL =
  /(?:^|[\\/])(?:ipykernel_launcher\.py|ipykernel[\\/](?:[\w-]+[\\/])*\w+\.py|IPython[\\/]core[\\/](?:interactiveshell|async_helpers|magics[\\/]execution)\.py|traitlets[\\/]config[\\/]application\.py|tornado[\\/]platform[\\/]asyncio\.py)$/;

/** Takes a notebook kernel's own frames out of the stacks of the code that it runs. */
export function withoutKernel({ file }: FunctionRecord): FrameTreatment {
  return KERNEL.test(file) ? 'hide' : 'show';
}
