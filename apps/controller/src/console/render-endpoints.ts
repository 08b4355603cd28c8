import type { EndpointCounts, EndpointView } from '@sai3bench/coordinator';
import {
  formatCount,
  formatDecimal,
  formatDurationMs,
  formatLatencyNs,
  formatThroughput,
} from '@sai3bench/units';
import { plural } from './render-plan.ts';

/** Endpoints that get a line; there may be a thousand. */
const SHOWN = 8;
/** How many times slower than the median endpoint one is called slow. */
const SLOW_FACTOR = 3;

/** How several endpoints are doing right now; nothing where there is no choice between several. */
export function renderEndpoints(
  endpoints: readonly EndpointView[],
  intervalMs: number,
  shown = SHOWN,
): string[] {
  if (endpoints.length < 2) return [];
  const isTroubled = troubleFinder(endpoints);
  const rate = (amount: number): number => (intervalMs > 0 ? amount / (intervalMs / 1000) : 0);
  const chosen = choose(endpoints, isTroubled, shown);
  const width = Math.max(...chosen.map(({ address }) => address.length));
  const lines = chosen.map((endpoint) => {
    const { address, inFlight, latest, outMs } = endpoint;
    const parts = [
      `${formatDecimal(rate(latest.requests), 0)} requests/s`,
      formatThroughput(rate(latest.bytes)),
      ...meanOf(latest),
      `${formatCount(inFlight)} in flight`,
      ...(latest.errors === 0 ? [] : [plural(latest.errors, 'error')]),
      ...(endpoint.agentsOut === 0 ? [] : [`OUT, ${formatDurationMs(Math.round(outMs))} so far`]),
    ];
    return `  ${isTroubled(endpoint) ? '⚠' : ' '} ${address.padEnd(width)} ${parts.join(', ')}`;
  });
  return [...lines, ...renderOthers(endpoints, chosen, isTroubled)];
}

/** Those of several endpoints that fail or are slow right now. */
export function renderTroubled(endpoints: readonly EndpointView[], intervalMs: number): string[] {
  const isTroubled = troubleFinder(endpoints);
  const count = endpoints.filter(isTroubled).length;
  return count === 0 ? [] : renderEndpoints(endpoints, intervalMs, Math.min(count, SHOWN));
}

/** What went through several endpoints in a stage that has ended. */
export function renderEndpointTotals(endpoints: readonly EndpointView[]): string[] {
  if (endpoints.length < 2) return [];
  const hasFailed = ({ outMs, total }: EndpointView): boolean => total.errors > 0 || outMs > 0;
  const chosen = choose(endpoints, hasFailed, SHOWN);
  const width = Math.max(...chosen.map(({ address }) => address.length));
  const lines = chosen.map(({ address, outMs, total }) => {
    const parts = [
      plural(total.requests, 'request'),
      ...meanOf(total),
      plural(total.errors, 'error'),
      ...(outMs === 0 ? [] : [`out for ${formatDurationMs(Math.round(outMs))}`]),
    ];
    return `      ${address.padEnd(width)} ${parts.join(', ')}`;
  });
  const others = endpoints.length - chosen.length;
  return [
    '  Endpoints:',
    ...lines,
    ...(others === 0 ? [] : [`      and ${plural(others, 'other')}: see metadata.json`]),
  ];
}

/**
 * Tells which endpoints need attention: those that are out or fail, do not answer, or take far longer than most.
 */
function troubleFinder(endpoints: readonly EndpointView[]): (endpoint: EndpointView) => boolean {
  const means = endpoints
    .map(({ latest }) => meanNs(latest))
    .filter((mean) => mean > 0)
    .toSorted((a, b) => a - b);
  // The lower one of two in the middle: of two endpoints the slower one is to be noticed.
  const medianNs = means[Math.floor((means.length - 1) / 2)] ?? Infinity;
  const isAtWork = means.length > 0;
  return ({ agentsOut, inFlight, latest }) =>
    agentsOut > 0 ||
    latest.errors > 0 ||
    (isAtWork && latest.requests === 0 && inFlight > 0) ||
    meanNs(latest) > SLOW_FACTOR * medianNs;
}

/** As many as can be shown: those in trouble first, all in their order. */
function choose(
  endpoints: readonly EndpointView[],
  isTroubled: (endpoint: EndpointView) => boolean,
  shown: number,
): EndpointView[] {
  const troubled = endpoints.filter(isTroubled);
  const well = endpoints.filter((endpoint) => !isTroubled(endpoint));
  const chosen = new Set([...troubled, ...well].slice(0, shown));
  return endpoints.filter((endpoint) => chosen.has(endpoint));
}

function renderOthers(
  endpoints: readonly EndpointView[],
  chosen: readonly EndpointView[],
  isTroubled: (endpoint: EndpointView) => boolean,
): string[] {
  const others = endpoints.length - chosen.length;
  if (others === 0) return [];
  const troubled = endpoints.filter(isTroubled).length - chosen.filter(isTroubled).length;
  return [
    `    and ${plural(others, 'other endpoint')}${troubled > 0 ? `, ${formatCount(troubled)} of them failing or slow` : ''}`,
  ];
}

function meanNs({ errors, latencySumNs, requests }: EndpointCounts): number {
  const succeeded = requests - errors;
  return succeeded > 0 ? latencySumNs / succeeded : 0;
}

function meanOf(counts: EndpointCounts): string[] {
  const mean = meanNs(counts);
  return mean === 0 ? [] : [`mean ${formatLatencyNs(Math.round(mean))}`];
}
