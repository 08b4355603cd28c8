import { describe, expect, it } from '@jest/globals';
import { parseWorkload, planAgent } from '@sai3bench/workload-config';
import { endpointUris } from './endpoint-uris.ts';

const PLAN = planAgent(
  parseWorkload(
    `
target: file:///data/
multi_endpoint: {endpoints: [s3://a:1/b/, s3://b:1/b/]}
workload: [{op: put, path: x/, object_size: 1, weight: 1}]
`,
    'w.yaml',
  ),
  {
    ...{ agentId: 'agent-1', agentIndex: 0, agentCount: 1, entry: undefined },
    ...{ runId: 'r', dataSeed: '1' },
  },
);

describe('endpointUris()', () => {
  it('tells where the endpoints of a store are', () => {
    expect(endpointUris(PLAN, 0)).toMatchObject([
      { scheme: 's3', bucket: 'b' },
      { scheme: 's3', bucket: 'b' },
    ]);
  });

  it('knows none of a store that a plan does not have', () => {
    expect(endpointUris(PLAN, 7)).toEqual([]);
  });
});
