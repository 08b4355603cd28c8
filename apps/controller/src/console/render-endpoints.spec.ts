import type { EndpointView } from '@sai3bench/coordinator';
import { describe, expect, it } from '@jest/globals';
import { renderEndpoints, renderEndpointTotals, renderTroubled } from './render-endpoints.ts';

const MS = 1e6;

/** An endpoint that has answered `requests` in 2 ms each. */
function endpoint(number: number, more: Partial<EndpointView> = {}, requests = 100): EndpointView {
  const counts = { requests, errors: 0, bytes: requests * 2 ** 20, latencySumNs: requests * 2e6 };
  return {
    ...{ address: `s3://h${String(number)}/b/`, total: counts, latest: counts },
    ...{ inFlight: 4, agentsOut: 0, outMs: 0, ...more },
  };
}

const well = endpoint(1);
const slow = endpoint(2, {
  latest: { requests: 10, errors: 0, bytes: 10 * 2 ** 20, latencySumNs: 10 * 50 * MS },
  inFlight: 30,
});
const out = endpoint(3, {
  latest: { requests: 5, errors: 5, bytes: 0, latencySumNs: 0 },
  total: { requests: 105, errors: 5, bytes: 0, latencySumNs: 100 * 2 * MS },
  ...{ inFlight: 0, agentsOut: 1, outMs: 1400 },
});
const hung = endpoint(4, { latest: { requests: 0, errors: 0, bytes: 0, latencySumNs: 0 } });

describe('the live lines of endpoints', () => {
  it('are left out where there is no choice', () => {
    expect(renderEndpoints([], 1000)).toEqual([]);
    expect(renderEndpoints([well], 1000)).toEqual([]);
    expect(renderEndpointTotals([well])).toEqual([]);
  });

  it('show rates, latency and load of each, and mark what is out, slow or does not answer', () => {
    expect(renderEndpoints([well, slow, out, hung], 1000)).toEqual([
      '    s3://h1/b/ 100 requests/s, 100.00 MiB/s, mean 2,000 µs, 4 in flight',
      '  ⚠ s3://h2/b/ 10 requests/s, 10.00 MiB/s, mean 50 ms, 30 in flight',
      '  ⚠ s3://h3/b/ 5 requests/s, 0.00 MiB/s, 0 in flight, 5 errors, OUT, 1.4s so far',
      '  ⚠ s3://h4/b/ 0 requests/s, 0.00 MiB/s, 4 in flight',
    ]);
  });

  it('mark nothing before there is anything to compare', () => {
    expect(renderEndpoints([hung, hung], 0).join()).not.toContain('⚠');
  });

  it('show of very many those that are in trouble, and how many others there are', () => {
    const many = Array.from({ length: 1024 }, (_, number) => endpoint(number));
    many[700] = out;
    const lines = renderEndpoints(many, 1000);
    expect(lines).toHaveLength(9);
    expect(lines.filter((line) => line.includes('⚠'))).toHaveLength(1);
    expect(lines.at(-1)).toBe('    and 1,016 other endpoints');
    for (let number = 0; number < 20; number++) many[number] = { ...out };
    expect(renderEndpoints(many, 1000).at(-1)).toBe(
      '    and 1,016 other endpoints, 13 of them failing or slow',
    );
  });

  it('can be left to those that are in trouble', () => {
    expect(renderTroubled([well, well], 1000)).toEqual([]);
    expect(renderTroubled([well, slow, well], 1000)).toEqual([
      '  ⚠ s3://h2/b/ 10 requests/s, 10.00 MiB/s, mean 50 ms, 30 in flight',
      '    and 2 other endpoints',
    ]);
  });
});

describe('the lines of endpoints at the end of a stage', () => {
  it('show what went through each, and how long it was out', () => {
    expect(renderEndpointTotals([well, out])).toEqual([
      '  Endpoints:',
      '      s3://h1/b/ 100 requests, mean 2,000 µs, 0 errors',
      '      s3://h3/b/ 105 requests, mean 2,000 µs, 5 errors, out for 1.4s',
    ]);
  });

  it('are few, those that failed among them', () => {
    const many = Array.from({ length: 20 }, (_, number) => endpoint(number));
    const lines = renderEndpointTotals([...many, out]);
    expect(lines).toHaveLength(10);
    expect(lines.at(-2)).toContain('out for 1.4s');
    expect(lines.at(-1)).toBe('      and 13 others: see metadata.json');
  });
});
