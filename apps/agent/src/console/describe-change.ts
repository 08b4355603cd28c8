import { formatDurationMs } from '@sai3bench/units';
import type { EndpointChange } from '@sai3bench/workload-engine';

/** An endpoint that was taken out or brought back, in words. */
export function describeChange({ address, change, outMs }: EndpointChange): string {
  return change === 'taken-out'
    ? `⚠ ${address} fails and was taken out: requests go to the other endpoints until it answers again`
    : `⚠ ${address} answers again and was brought back: it was out for ${formatDurationMs(outMs)} of this stage`;
}
