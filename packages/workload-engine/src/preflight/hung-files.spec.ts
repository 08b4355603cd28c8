import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdirSync, openSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { temporaryDirectory, type TemporaryDirectory } from '@sai3bench/testing';
import { PROBE_ID } from '../testing/run-checks.ts';
import { planOf } from '../testing/run-plan.ts';
import { checkFiles } from './check-files.ts';
import type { FileLimits } from './file-thread.ts';
import type { Finding } from './finding.ts';
import { fileProbeNames } from './probe-names.ts';

const PROBE = fileProbeNames({ agentId: 'agent-1', probeId: PROBE_ID }).direct;
/** Enough for a call that does not hang, on a busy machine too. */
const LIMITS: FileLimits = { slowMs: 10, hungMs: 2_000 };

let directory: TemporaryDirectory;
const hanging: string[] = [];
/** Also those that a test does not wait for; its directory must not go before. */
const releases: Promise<void>[] = [];
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(async () => {
  await release();
  releases.length = 0;
  directory.remove();
});

/** Makes a directory in which the check of O_DIRECT hangs: in place of its probe there is a pipe without another end. */
function makeHanging(name: string): string {
  const path = makeWell(name);
  execFileSync('mkfifo', [join(path, PROBE)]);
  hanging.push(path);
  return path;
}

function makeWell(name: string): string {
  const path = join(directory.path, name);
  mkdirSync(path);
  return path;
}

/** Lets the calls that hang return; fulfilled when all that ever hung in this test has removed its probe. */
async function release(): Promise<void> {
  releases.push(...hanging.splice(0).map(releaseOne));
  await Promise.all(releases);
}

async function releaseOne(path: string): Promise<void> {
  const end = openSync(join(path, PROBE), constants.O_RDONLY | constants.O_NONBLOCK);
  while (readdirSync(path).length > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  closeSync(end);
}

/** Findings, and before them what was about to be checked, in their order. */
interface Course {
  readonly findings: Finding[];
  readonly steps: string[];
}

/** Checks of a plan that writes to directories past the page cache. */
async function checksOf(
  paths: readonly string[],
  {
    limits = LIMITS,
    onChecking,
    signal = new AbortController().signal,
  }: {
    readonly limits?: FileLimits;
    readonly onChecking?: (what: string) => void;
    readonly signal?: AbortSignal;
  } = {},
): Promise<Course> {
  const course: Course = { findings: [], steps: [] };
  const puts = paths.map(
    (path) => `{op: put, path: "direct://${path}/", object_size: 1, weight: 1}`,
  );
  const plan = planOf(`duration: 1s\nworkload: [${puts.join(', ')}]`);
  await checkFiles(
    {
      ...{ plan, probeId: PROBE_ID, signal },
      onFinding: (finding) => {
        course.findings.push(finding);
        course.steps.push(`found ${finding.check} of ${finding.target}`);
      },
      onChecking: (what) => {
        course.steps.push(what);
        onChecking?.(what);
      },
    },
    limits,
  );
  return course;
}

const errorsIn = ({ findings }: Course): Finding[] =>
  findings.filter(({ level }) => level === 'error');

describe('a directory that hangs', () => {
  it('is reported with its path, and that a probe may be left', async () => {
    const hung = makeHanging('hung');
    const place = { level: 'error', class: 'SYSTEM', target: `direct://${hung}/` };
    expect(errorsIn(await checksOf([hung]))).toMatchObject([
      {
        ...{ ...place, check: 'time', hint: expect.stringContaining('check the mount') },
        message: `the check "o-direct of direct://${hung}/" has not ended after 2s: ${hung} seems to hang`,
      },
      { ...place, check: 'remove', message: expect.stringContaining(PROBE_ID) },
    ]);
  });

  it('keeps no other from being checked in full', async () => {
    const [hung, well] = [makeHanging('a-hung'), makeWell('b-well')];
    const missing = join(well, 'file');
    execFileSync('touch', [missing]);
    const course = await checksOf([hung, missing, well]);
    expect(errorsIn(course).map(({ check, target }) => [check, target])).toEqual([
      ['stat', `direct://${missing}/`],
      ['time', `direct://${hung}/`],
      ['remove', `direct://${hung}/`],
    ]);
    const ofWell = course.findings.filter(({ target }) => target === `direct://${well}/`);
    expect(ofWell.map(({ check }) => check)).toEqual([
      ...['ownership', 'mount', 'o-direct', 'disk-space'],
    ]);
    expect(readdirSync(well)).toEqual(['file']);
  });

  it('is waited for together with others that hang', async () => {
    const paths = ['a', 'b', 'c'].map(makeHanging);
    const hung: string[] = [];
    const { findings } = await checksOf(paths, {
      limits: { ...LIMITS, hungMs: 600_000 },
      onChecking: (what) => {
        if (what.startsWith('o-direct')) hung.push(what);
        // One after the other they would wait for ever.
        if (hung.length === paths.length) void release();
      },
    });
    expect(hung.toSorted()).toEqual(paths.map((path) => `o-direct of direct://${path}/`));
    expect(findings.filter(({ check }) => check === 'time')).toEqual([]);
  });

  it('has its time once more where it was this process that stood still', async () => {
    const hung = makeHanging('hung');
    const real = performance.now.bind(performance);
    let stoodStillMs = 0;
    const clock = jest.spyOn(performance, 'now').mockImplementation(() => {
      // The call returns when it is seen that its time is long over.
      if (stoodStillMs > 0) void release();
      return real() + stoodStillMs;
    });
    const { findings } = await checksOf([hung], {
      onChecking: (what) => {
        // Once the time has begun.
        if (what.startsWith('o-direct')) queueMicrotask(() => (stoodStillMs = 10_000));
      },
    });
    clock.mockRestore();
    expect(findings.filter(({ check }) => check === 'time')).toEqual([]);
  });

  it('removes its probe when its call returns after all', async () => {
    const hung = makeHanging('hung');
    await checksOf([hung]);
    expect(readdirSync(hung)).toEqual([PROBE]);
    await release();
    expect(readdirSync(hung)).toEqual([]);
  });

  it('does not keep checks from being ended: then nothing else is begun, and nothing said', async () => {
    const paths = [makeHanging('a'), makeWell('b'), makeWell('c')];
    const end = new AbortController();
    const { findings, steps } = await checksOf(paths, {
      // One after the other, as long as nothing is given up.
      limits: { ...LIMITS, slowMs: 60_000 },
      signal: end.signal,
      onChecking: (what) => {
        if (what.startsWith('o-direct')) end.abort();
      },
    });
    expect(findings.filter(({ level }) => level !== 'info')).toEqual([]);
    expect(steps.filter((step) => step.startsWith('write'))).toHaveLength(1);
  });
});
