import { describe, expect, it } from '@jest/globals';
import { parseFaultRule } from './parse-fault-rule.ts';

describe('a fault rule in JSON', () => {
  it.each([
    ['{"fault": {"kind": "latency", "ms": 5}}', { fault: [{ kind: 'latency', ms: 5 }] }],
    [
      '{"match": {"operation": "GetObject", "key": "a/b", "every": 2}, "fault": [{"kind": "corrupt"}, {"kind": "latency", "ms": {"uniform": [1, 2]}}]}',
      {
        match: { operation: 'GetObject', key: 'a/b', every: 2 },
        fault: [{ kind: 'corrupt' }, { kind: 'latency', ms: { uniform: [1, 2] } }],
      },
    ],
    [
      '{"match": {"key": "/^new\\\\//"}, "fault": {"kind": "error", "code": "SlowDown"}}',
      { match: { key: /^new\// }, fault: [{ kind: 'error', code: 'SlowDown' }] },
    ],
  ])('says the same as in code: %s', (text, rule) => {
    expect(parseFaultRule(text)).toEqual(rule);
  });

  it.each([
    ['{', 'is no JSON'],
    ['{}', 'fault'],
    ['{"fault": {"kind": "sulk"}}', 'kind'],
    ['{"fault": {"kind": "error", "code": "TooTired"}}', 'no error code that this server knows'],
    ['{"fault": {"kind": "latency", "ms": -1}}', 'ms'],
    ['{"fault": {"kind": "latency", "ms": 1, "sec": 1}}', 'sec'],
    ['{"fault": {"kind": "key-errors", "code": "SlowDown", "keys": "/(/"}}', 'regular expression'],
    ['{"match": {"operation": "Put"}, "fault": {"kind": "corrupt"}}', 'operation'],
  ])('that is wrong is refused with what is wrong: %s', (text, message) => {
    expect(() => parseFaultRule(text)).toThrow(message);
  });
});
