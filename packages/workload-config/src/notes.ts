import { parseStoreUri } from '@sai3bench/store-uri';
import { addressOfEndpoint } from './schema/multi-endpoint.ts';
import type { WorkloadInput } from './schema/workload.ts';

/** What a reader of the file should know though nothing is wrong. */
export function notesOf(input: WorkloadInput): string[] {
  const addresses = [
    input.target,
    ...(input.multi_endpoint?.endpoints ?? []).map(addressOfEndpoint),
    ...(input.distributed?.agents ?? []).flatMap((agent) => [
      agent.target_override,
      ...(agent.multi_endpoint?.endpoints ?? []).map(addressOfEndpoint),
    ]),
  ];
  return [
    ...treeKeys(input).map((key) => `distributed.${key} has no effect without a directory tree`),
    ...(input.prepare?.cleanup === true && input.distributed?.stages !== undefined
      ? [
          'prepare.cleanup has no effect beside distributed.stages: a cleanup stage among them cleans up',
        ]
      : []),
    ...input.workload.flatMap((operation, index) =>
      operation.op === 'list' && operation.path.includes('*')
        ? [`workload[${String(index)}].path is taken as it is, with its *: list works on prefixes`]
        : [],
    ),
    ...(input.multi_endpoint?.namespace === 'separate' &&
    input.multi_endpoint.circuit_breaker !== undefined
      ? ['multi_endpoint.circuit_breaker has no effect where namespace is separate']
      : []),
    ...new Set(addresses.flatMap((address) => hostLikeBucket(address) ?? [])),
  ];
}

function treeKeys({ distributed }: WorkloadInput): string[] {
  return (['tree_creation_mode', 'path_selection'] as const).filter(
    (key) => distributed?.[key] !== undefined,
  );
}

/** A bucket that looks like the name of a host: the address may have been meant otherwise. */
function hostLikeBucket(address: string | undefined): string | undefined {
  if (address === undefined) return undefined;
  const uri = parseStoreUri(address);
  if (uri.scheme !== 's3' || uri.endpoint !== undefined || !uri.bucket.includes('.')) {
    return undefined;
  }
  return `"${uri.bucket}" in ${address} is taken for a bucket: write s3+http:// or s3+https:// if it is a host`;
}
