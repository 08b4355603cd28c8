/**
 * Keys that are not supported yet, by the place where they stand; most are from workload files of the peer. `*`
 * stands for any list index. They are refused by name, so that nobody believes that they had an effect, even
 * where the schema knows them already.
 */
export const UNSUPPORTED_KEYS: Readonly<Record<string, readonly string[]>> = {
  '': [
    'io_rate',
    'processes',
    'processing_mode',
    'page_cache_mode',
    'range_engine',
    's3dlio_optimization',
    'op_log_path',
    'perf_log',
    'warmup_period',
    'distributed_env',
    'autotune',
  ],
  distributed: ['path_template', 'ssh', 'deployment'],
  'distributed.agents.*': ['env', 'volumes', 'path_template', 'listen_port'],
};

/** Keys that older files contain and that never had, or no longer have, an effect: what to write instead. */
export const LEGACY_KEYS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '': {
    backend: 'write target with its scheme, as in target: file:///mnt/x/',
    objects: 'write prepare.ensure_objects[].count',
    version: 'remove it',
    stages: 'write distributed.stages',
    cleanup: 'write prepare.cleanup',
    force_overwrite: 'write prepare.force_overwrite',
    execution_mode: 'remove it: processing_mode, its new name, is not supported yet',
    workers: 'remove it: processes, its new name, is not supported yet',
  },
  prepare: {
    file_size: 'write size_spec inside ensure_objects[]',
    fill: 'write fill inside ensure_objects[]',
    dedup_factor: 'write dedup_factor inside ensure_objects[]',
    compress_factor: 'write compress_factor inside ensure_objects[]',
    objects: 'write ensure_objects[].count',
    object_size: 'write ensure_objects[].size_spec',
    pattern: 'remove it: names are prepared-00000000.dat and so on',
    tree: 'write directory_structure',
    strategy: 'write prepare_strategy',
    enabled: 'remove it, or remove the prepare section',
  },
  'prepare.ensure_objects.*': {
    size: 'write size_spec',
    use_multi_endpoint: 'remove it: a multi_endpoint block is used by every operation',
  },
  'workload.*': {
    use_multi_endpoint: 'remove it: a multi_endpoint block is used by every operation',
    access_pattern: 'write access',
    fill: 'remove it: fill belongs to prepare.ensure_objects[]',
  },
  'distributed.barrier_sync': { timeout_seconds: 'write agent_barrier_timeout in the phase block' },
  'distributed.stages.*': {
    config: 'write its keys directly in the stage',
    stage_type: 'write type',
    barrier_sync: 'write a barrier block',
    barrier_timeout_secs: 'write barrier.agent_barrier_timeout',
    agent_timeout_secs: 'remove it',
    script: 'write type: custom, and command',
    duration_secs: 'write duration',
    max_objects: 'remove it',
  },
  distributed: {
    grpc_timeout_secs: 'remove it',
    cache_checkpoint_interval_secs: 'write it at the top level',
  },
};
