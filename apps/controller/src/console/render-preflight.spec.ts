import { describe, expect, it } from '@jest/globals';
import type { PlainFinding } from '@sai3bench/barrier-protocol';
import fc from 'fast-check';
import { groupFindings } from './finding-groups.ts';
import { renderPreflight as render } from './render-preflight.ts';

const INFO: PlainFinding = {
  level: 'info',
  class: 'CONFIG',
  check: 'address',
  target: 's3://b/',
  message: 'S3 at AWS',
};
const ERROR: PlainFinding = {
  ...{ level: 'error', class: 'PERM', check: 'write', target: 'file:///mnt/x/' },
  ...{ message: 'cannot create a file', hint: 'chmod u+rwx /mnt/x' },
};
const WARNING: PlainFinding = { ...INFO, level: 'warning', message: 'little room' };

function renderPreflight(
  findings: ReadonlyMap<string, readonly PlainFinding[]>,
  addresses: Readonly<Record<string, string>> = {},
): string[] {
  return render(findings, new Map(Object.entries(addresses)));
}

/** Many agents that all found the same, but for some. */
function fleet(
  size: number,
  exceptions: Readonly<Record<string, readonly PlainFinding[]>>,
): Map<string, readonly PlainFinding[]> {
  return new Map(
    Array.from({ length: size }, (_, index) => {
      const id = `agent-${String(index + 1)}`;
      return [id, [INFO, ...(exceptions[id] ?? [])]];
    }),
  );
}

describe('the block of the checks', () => {
  it('shows the findings of an agent and that they passed', () => {
    expect(renderPreflight(new Map([['agent-1', [INFO]]]))).toEqual([
      '━━━━━━━━━━━━━━━━━━━━━━',
      '✓ 1 agent ok',
      'agent-1:',
      '  ℹ [CONFIG] s3://b/ address: S3 at AWS',
      '━━━━━━━━━━━━━━━━━━━━━━',
      '✓ Pre-flight validation passed (1 agent)',
    ]);
  });

  it('says of a thousand agents that they are well, and of one what is wrong and what to do', () => {
    const lines = renderPreflight(fleet(1_000, { 'agent-17': [ERROR], 'agent-20': [WARNING] }));
    expect(lines).toEqual([
      '━━━━━━━━━━━━━━━━━━━━━━',
      '✗ 999 agents ok; agent-17: [PERM] write',
      'agent-17:',
      '  ✗ [PERM] file:///mnt/x/ write: cannot create a file',
      '      -> chmod u+rwx /mnt/x',
      'agent-20:',
      '  ⚠ [CONFIG] s3://b/ address: little room',
      'All 1,000 agents:',
      '  ℹ [CONFIG] s3://b/ address: S3 at AWS',
      '━━━━━━━━━━━━━━━━━━━━━━',
      '✗ Pre-flight validation failed: 1 error, 1 warning',
    ]);
  });

  it('names some of many agents that found the same', () => {
    const ids = [2, 3, 5, 7, 11, 13].map((index) => `agent-${String(index)}`);
    const lines = renderPreflight(fleet(20, Object.fromEntries(ids.map((id) => [id, [ERROR]]))));
    expect(lines[1]).toBe(
      '✗ 14 agents ok; agent-2: [PERM] write; agent-3: [PERM] write; agent-5: [PERM] write; agent-7: [PERM] write; 2 more',
    );
    expect(lines).toContain('agent-2, agent-3, agent-5, agent-7 and 2 more:');
  });

  it('names all that is wrong with an agent, each kind once', () => {
    const errors = [
      ...[ERROR, { ...ERROR, target: 's3://other/' }],
      ...['stat', 'read', 'delete', 'list'].map((check) => ({ ...ERROR, check })),
    ];
    const two = errors.slice(0, 3);
    const lines = renderPreflight(
      new Map([
        ['agent-1', two],
        ['agent-2', errors],
        ['agent-3', [WARNING]],
      ]),
    );
    expect(lines[1]).toBe(
      '✗ 1 agent ok; agent-1: [PERM] write, [PERM] stat; agent-2: [PERM] write, [PERM] stat, [PERM] read and 2 more',
    );
  });

  it('says once what differs in the ids of agents and requests alone', () => {
    const refusal = (agent: string, request: string): PlainFinding => ({
      ...ERROR,
      message: `PUT probe.check.${agent}.0 failed (AccessDenied, HTTP 403, request ${request})`,
    });
    const lines = renderPreflight(
      new Map([
        ['agent-1', [refusal('agent-1', '00A4')]],
        ['agent-10', [refusal('agent-10', '00A5')]],
      ]),
    );
    expect(lines.filter((line) => line.includes('AccessDenied'))).toEqual([
      '  ✗ [PERM] file:///mnt/x/ write: PUT probe.check.agent-1.0 failed (AccessDenied, HTTP 403, request 00A4)',
    ]);
    expect(lines.at(-1)).toBe('✗ Pre-flight validation failed: 1 error, 0 warnings');
  });

  it('says once what differs in the addresses of agents alone', () => {
    const addresses = { 'agent-1': '[::1]:7167', 'agent-10': '10.0.0.1:7167' };
    const busy = (id: string, address: string): PlainFinding => ({
      ...ERROR,
      message: `${id} at ${address} is busy with run 7`,
      hint: `ask at ${address}, or wait`,
    });
    const findings = new Map(
      Object.entries(addresses).map(([id, address]) => [id, [busy(id, address)]]),
    );
    const lines = renderPreflight(findings, addresses);
    expect(lines).toContain('All 2 agents:');
    expect(lines.filter((line) => line.includes('is busy'))).toHaveLength(1);
  });

  it('says once what is the same at several endpoints of a bucket', () => {
    const targets = ['s3://a:1/b/', 's3://a:2/b/', 's3://a:3/b/'];
    const lines = renderPreflight(
      new Map([['agent-1', targets.map((target) => ({ ...INFO, target }))]]),
    );
    expect(lines[3]).toBe('  ℹ [CONFIG] s3://a:1/b/, s3://a:2/b/ and 1 more address: S3 at AWS');
  });

  it('leaves to the file what is different everywhere, unless it is a trouble', () => {
    const ids = Array.from({ length: 10 }, (_, index) => `agent-${String(index)}`);
    const lines = renderPreflight(
      new Map(
        ids.map((id, index) => [
          id,
          [
            { ...INFO, check: 'disk-space', message: `${String(index)} GiB free` },
            { ...WARNING, message: `trouble of ${String(index)}` },
          ],
        ]),
      ),
    );
    expect(lines.filter((line) => line.includes('disk-space'))).toEqual([
      '  ℹ [CONFIG] disk-space: 10 different answers, which are in the file of findings',
    ]);
    expect(lines.filter((line) => line.includes('trouble of'))).toHaveLength(10);
  });
});

describe('groupFindings()', () => {
  const finding = fc.record({
    level: fc.constantFrom('error', 'warning'),
    class: fc.constantFrom('NET', 'PERM'),
    check: fc.constantFrom('a', 'b'),
    target: fc.constantFrom('', 't', 'u'),
    message: fc.constantFrom('m', 'n'),
  });
  const fleets = fc.dictionary(fc.constantFrom('x', 'y', 'z'), fc.array(finding, { maxLength: 6 }));

  it('loses no trouble of any agent, and makes none up', () => {
    fc.assert(
      fc.property(fleets, (all) => {
        const grouped = groupFindings(
          new Map<string, PlainFinding[]>(Object.entries(all)),
          new Map(),
        );
        const told = grouped.flatMap(({ groups }) =>
          groups.flatMap(({ agents, finding: found, targets }) =>
            agents.flatMap((id) =>
              targets.map((target) => JSON.stringify([id, { ...found, target }])),
            ),
          ),
        );
        const found = Object.entries(all).flatMap(([id, own]) =>
          own.map((each) => JSON.stringify([id, each])),
        );
        expect(told.toSorted()).toEqual([...new Set(found)].toSorted());
      }),
    );
  });
});
