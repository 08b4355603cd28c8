import { parseStoreUri } from '@sai3bench/store-uri';
import { addressOfEndpoint } from './schema/multi-endpoint.ts';
import { DEFAULT_SIZE_BYTES } from './schema/prepare.ts';
import { s3 as s3Schema, type S3Input } from './schema/s3.ts';
import type { WorkloadInput } from './schema/workload.ts';

/** Keys of `s3` that are for both transports. */
const KNOWN_TO_SDK: ReadonlySet<string> = new Set(['transport', 'addressing', 'region', 'tls']);

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
    ...treeNotes(input),
    ...overlapNotes(input),
    ...prepareNotes(input),
    ...errorNotes(input),
    ...sdkNotes(input),
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

function treeNotes({ distributed, prepare }: WorkloadInput): string[] {
  const mode = distributed?.tree_creation_mode;
  const tree = prepare?.directory_structure;
  if (tree === undefined) {
    return mode === undefined
      ? []
      : ['distributed.tree_creation_mode has no effect without a directory tree'];
  }
  return [
    ...(mode === undefined
      ? []
      : [
          'distributed.tree_creation_mode has no effect: every agent makes its share of the directories',
        ]),
    ...(tree.fileCount === 0
      ? ['prepare.directory_structure has no files: files_per_dir is 0']
      : []),
    ...((prepare?.key_prefix_shards ?? 0) > 0
      ? ['prepare.key_prefix_shards has no effect on a directory tree, only on what put makes']
      : []),
  ];
}

function prepareNotes({ prepare, workload }: WorkloadInput): string[] {
  if (prepare === undefined) return [];
  const reads = workload.some(({ op, weight }) => op === 'get' && weight > 0);
  const verification = prepare.force_overwrite
    ? ['prepare.skip_verification has no effect with force_overwrite: everything is written']
    : reads
      ? ['prepare.skip_verification takes every object to be there: a get of one that is not fails']
      : [];
  return [
    ...prepare.ensure_objects.flatMap((entry, index) => legacySizeNotes(entry, index)),
    ...(prepare.skip_verification ? verification : []),
  ];
}

/** `min_size` and `max_size` are in many older files. */
function legacySizeNotes(
  entry: NonNullable<WorkloadInput['prepare']>['ensure_objects'][number],
  index: number,
): string[] {
  const { max_size: max, min_size: min, size_distribution, size_spec } = entry;
  if (min === undefined && max === undefined) return [];
  const place = `prepare.ensure_objects[${String(index)}]`;
  return (size_spec ?? size_distribution) === undefined
    ? [
        `${place}.min_size and max_size are old names: write size_spec: {type: uniform, min: ${String(min ?? DEFAULT_SIZE_BYTES)}, max: ${String(max ?? DEFAULT_SIZE_BYTES)}}`,
      ]
    : [`${place}.min_size and max_size have no effect beside size_spec`];
}

function errorNotes({ error_handling: handling }: WorkloadInput): string[] {
  if (handling === undefined || handling.max_retry_delay_ms >= handling.initial_retry_delay_ms) {
    return [];
  }
  return [
    'error_handling.max_retry_delay_ms is shorter than initial_retry_delay_ms: every delay is that long',
  ];
}

/** What a workload sets of what only the driver of our own knows; a default that is written out asks for nothing. */
function sdkNotes({ s3 }: WorkloadInput): string[] {
  if (s3?.transport !== 'sdk') return [];
  const usual = s3Schema.parse({});
  const set = (Object.keys(s3Schema.shape) as (keyof S3Input)[]).filter(
    (key) => !KNOWN_TO_SDK.has(key) && s3[key] !== usual[key],
  );
  if (set.length === 0) return [];
  const has = set.length === 1 ? 'has' : 'have';
  return [`s3.${set.join(', s3.')} ${has} no effect with transport: sdk`];
}

function overlapNotes({ distributed }: WorkloadInput): string[] {
  const { partition_overlap: overlap, path_selection: strategy } = distributed ?? {};
  if (overlap === undefined || strategy === 'partitioned' || strategy === 'weighted') return [];
  return [
    `distributed.partition_overlap has no effect with path_selection: ${strategy ?? ''}; partitioned and weighted use it`,
  ];
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
