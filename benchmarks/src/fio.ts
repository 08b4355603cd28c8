import { spawnSync } from 'node:child_process';

/** Fields of fio's JSON output that are used. */
interface FioOutput {
  readonly jobs: readonly [Record<'read' | 'write', { readonly bw_bytes: number }>];
}

/** Most files that a job writes: more than any device takes in the seconds of a run. */
const NEW_FILES = 64;

/** Work in 4 MiB blocks with O_DIRECT, by blocking calls. */
export interface FioJob {
  readonly fileBytes: number;
  readonly seconds: number;
}

/** Whether fio is there to compare with. */
export function hasFio(): boolean {
  return spawnSync('fio', ['--version']).status === 0;
}

/** Bytes per second of jobs that read one file each, over and over. */
export function fioRead(files: readonly string[], job: FioJob): number {
  return run('read', job, [
    '--time_based',
    ...files.flatMap((file, index) => [`--name=job${String(index)}`, `--filename=${file}`]),
  ]);
}

/**
 * Bytes per second of jobs that write one new file after the other: into files that are there already, or whose blocks
 * are reserved, a file system writes with less work.
 */
export function fioWrite(directory: string, jobs: number, job: FioJob): number {
  return run('write', job, [
    ...['--name=job', `--directory=${directory}`, `--numjobs=${String(jobs)}`],
    ...[`--nrfiles=${String(NEW_FILES)}`, '--openfiles=1', '--file_service_type=sequential'],
    ...['--create_on_open=1', '--fallocate=none'],
  ]);
}

function run(kind: 'read' | 'write', job: FioJob, args: readonly string[]): number {
  const { fileBytes, seconds } = job;
  const shared = [
    ...[
      `--rw=${kind}`,
      '--direct=1',
      '--bs=4M',
      '--ioengine=psync',
      `--filesize=${String(fileBytes)}`,
    ],
    ...[`--runtime=${String(seconds)}`, '--thread', '--group_reporting'],
    ...['--invalidate=0', '--output-format=json'],
  ];
  const { status, stderr, stdout } = spawnSync('fio', [...shared, ...args], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`fio failed: ${stderr}`);
  const { jobs: results } = JSON.parse(stdout.slice(stdout.indexOf('{'))) as FioOutput;
  return results[0][kind].bw_bytes;
}
