import { spawnSync } from 'node:child_process';

/** Fields of fio's JSON output that are used. */
interface FioOutput {
  readonly jobs: readonly [Record<'read' | 'write', { readonly bw_bytes: number }>];
}

/** What fio reads or writes: 4 MiB blocks with O_DIRECT, by blocking calls, `depth` at a time. */
export interface FioJob {
  readonly kind: 'read' | 'write';
  /** A file for each job. */
  readonly files: readonly string[];
  readonly fileBytes: number;
  readonly seconds: number;
}

/** Whether fio is there to compare with. */
export function hasFio(): boolean {
  return spawnSync('fio', ['--version']).status === 0;
}

/** Bytes per second of one run of fio. */
export function runFio({ fileBytes, files, kind, seconds }: FioJob): number {
  const shared = [
    ...[`--rw=${kind}`, '--direct=1', '--bs=4M', '--ioengine=psync', `--size=${String(fileBytes)}`],
    ...['--time_based', `--runtime=${String(seconds)}`, '--thread', '--group_reporting'],
    ...['--invalidate=0', '--output-format=json'],
  ];
  const jobs = files.flatMap((file, index) => [`--name=job${String(index)}`, `--filename=${file}`]);
  const { status, stderr, stdout } = spawnSync('fio', [...shared, ...jobs], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`fio failed: ${stderr}`);
  const { jobs: results } = JSON.parse(stdout.slice(stdout.indexOf('{'))) as FioOutput;
  return results[0][kind].bw_bytes;
}
