import { readdirSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { PlainPreflightAnswer, PlainSharing } from '@sai3bench/barrier-protocol';
import { type S3TestServer, startS3TestServer } from '@sai3bench/s3-test-server';
import { temporaryDirectory, type TemporaryDirectory } from '@sai3bench/testing';
import { parseWorkload, planAgent } from '@sai3bench/workload-config';
import { PreflightSessions } from './preflight-session.ts';

const WORKLOAD = `duration: 1s
workload:
  - {op: put, path: n/, object_size: 1, weight: 1}
  - {op: get, path: "x-*", weight: 1}
`;
/** Guards, but for one in the test about it: nothing here is a measure of speed. */
const LIMITS = { checkMs: 60_000, graceMs: 30_000, removeMs: 60_000 };

/** What is asked about a target. */
function questionOf(target: string, sharing?: PlainSharing) {
  const plan = planAgent(parseWorkload(`target: ${target}\n${WORKLOAD}`, 'w.yaml'), {
    ...{ agentId: 'agent-1', agentIndex: 0, agentCount: 2, entry: undefined },
    ...{ runId: 'r', dataSeed: '1' },
  });
  return { planJson: JSON.stringify(plan), probeId: 'a1', sharing };
}

/** Reads answers until one is of a type. */
async function until(
  answers: AsyncGenerator<PlainPreflightAnswer>,
  type: PlainPreflightAnswer['type'],
): Promise<void> {
  for (let next = await answers.next(); next.done !== true; next = await answers.next()) {
    if (next.value.type === type) return;
  }
  throw new RangeError(`there was no answer of type ${type}`);
}

async function all(answers: AsyncGenerator<PlainPreflightAnswer>): Promise<PlainPreflightAnswer[]> {
  const found: PlainPreflightAnswer[] = [];
  for await (const answer of answers) found.push(answer);
  return found;
}

const never = new AbortController().signal;
const PLACE = { step: 'place', owners: [] } as const;

describe('the probe of shared storage on an agent', () => {
  let directory: TemporaryDirectory;
  let sessions: PreflightSessions;
  beforeEach(() => {
    directory = temporaryDirectory();
    sessions = new PreflightSessions(1);
  });
  afterEach(async () => {
    await sessions.stop();
    directory.remove();
  });

  const question = (sharing?: PlainSharing) => questionOf(`file://${directory.path}/`, sharing);

  it('stays until the controller is gone, and is removed then', async () => {
    const gone = new AbortController();
    const answers = sessions.answer(question(PLACE), gone.signal);
    await until(answers, 'placed');
    expect(readdirSync(directory.path)).toHaveLength(1);
    gone.abort();
    expect(await all(answers)).toEqual([]);
    await sessions.stop();
    expect(readdirSync(directory.path)).toEqual([]);
  });

  it('is removed when the agent is stopped', async () => {
    const answers = sessions.answer(question(PLACE), never);
    await until(answers, 'placed');
    const rest = all(answers);
    await sessions.stop();
    await rest;
    await sessions.stop();
    expect(readdirSync(directory.path)).toEqual([]);
  });

  it('is seen, and removed when the controller says so', async () => {
    const done = new AbortController();
    const answers = sessions.answer(question(PLACE), done.signal);
    await until(answers, 'placed');
    const owners = ['agent-1', 'agent-2'];
    const look = await all(sessions.answer(question({ step: 'look', owners }), never));
    expect(look).toMatchObject([{ type: 'sight', sight: { owners: ['agent-1'] } }]);
    expect(await all(sessions.answer(question({ step: 'remove', owners: [] }), never))).toEqual([]);
    expect(readdirSync(directory.path)).toEqual([]);
    done.abort();
    await all(answers);
  });

  it('is not placed where the checks find an error', async () => {
    const asked = questionOf('file:///etc/x/', PLACE);
    const answers = await all(sessions.answer(asked, never));
    expect(answers.at(-1)).toMatchObject({ type: 'finding', finding: { level: 'error' } });
  });

  it('is looked for only where it was placed', async () => {
    const asked = question({ step: 'look', owners: ['agent-1'] });
    await expect(all(sessions.answer(asked, never))).rejects.toMatchObject({
      code: 'PREFLIGHT_NOT_PLACED',
    });
  });

  it('has no id that could lead elsewhere', async () => {
    const asked = { ...question(PLACE), probeId: '../../x' };
    expect(await all(sessions.answer(asked, never))).toMatchObject([
      { finding: { level: 'error', message: expect.stringContaining('the id of the probes') } },
    ]);
  });
});

describe('checks on an agent', () => {
  let s3: S3TestServer;
  const before = { ...process.env };
  beforeEach(async () => {
    s3 = await startS3TestServer({ buckets: ['bucket'], requestLog: 100 });
    Object.assign(process.env, s3.env);
    // The answer to the second GET, that of the probe, does not come.
    s3.faults.add({
      match: { operation: 'GetObject', skip: 1 },
      fault: { kind: 'latency', ms: 3_600_000 },
    });
  });
  afterEach(async () => {
    await s3.stop();
    for (const name of Object.keys(s3.env)) Reflect.deleteProperty(process.env, name);
    Object.assign(process.env, before);
  });

  /** Waits until the server has been asked for the probe, and keeps it waiting. */
  async function probeIsRead(): Promise<void> {
    while (s3.stats().requests.byOperation.GetObject < 2) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
  const changes = (): string[] =>
    s3.requests().flatMap(({ method }) => (/PUT|DELETE/.test(method) ? [method] : []));

  it('leave nothing when the controller is gone in the middle', async () => {
    const sessions = new PreflightSessions(1, LIMITS);
    const gone = new AbortController();
    const answers = all(sessions.answer(questionOf(`s3://${s3.host}/bucket/`), gone.signal));
    await probeIsRead();
    gone.abort();
    await answers;
    await sessions.stop();
    expect(changes()).toEqual(['PUT', 'DELETE']);
  });

  it('that hang are a finding, and what they have left is removed by others', async () => {
    const sessions = new PreflightSessions(1, { ...LIMITS, checkMs: 5_000 });
    const found = await all(sessions.answer(questionOf(`s3://${s3.host}/bucket/`), never));
    expect(found.at(-1)).toMatchObject({
      finding: {
        ...{ level: 'error', class: 'SYSTEM', check: 'checks' },
        message: expect.stringContaining('"read of s3://'),
      },
    });
    await sessions.stop();
    expect(changes()).toEqual(['PUT', 'DELETE']);
  });
});
