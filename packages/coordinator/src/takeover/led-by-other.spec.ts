import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { exitCodeOf } from '../run/run-outcome.ts';
import { EXECUTE, fakeRuns } from '../testing/fake-runs.ts';
import { killAndTakeOver } from '../testing/killed-runs.ts';

const run = fakeRuns();

describe('a controller that attaches when agents have another by then', () => {
  it.each([
    ['all of them', [true, true]],
    ['one, while another cannot be reached', [true, false]],
  ])(
    'leaves the run alone: %s',
    async (_, led) => {
      let isKilled = false;
      const { second } = await killAndTakeOver(run, {
        behaviorsOf: ({ kill }) =>
          led.map((isLed) => ({
            onStage: (agent, stage) => {
              agent.progress(1, 5);
              if (stage !== EXECUTE) agent.summary(5, 900);
              else if (!isKilled) {
                isKilled = true;
                kill();
              }
            },
            isLed: () => isLed,
            unreachable: () => !isLed,
            onStopRun: () => undefined,
          })),
      });
      expect(second.outcome.kind).toBe('led-by-other');
      expect(exitCodeOf(second.outcome)).toBe(2);
      expect(existsSync(join(second.path, 'STATUS.txt'))).toBe(false);
      expect(existsSync(join(second.path, '03_execute_results.tsv'))).toBe(false);
      expect(existsSync(join(second.path, 'control'))).toBe(true);
      expect(second.outcome.failures[0]?.error.message).toContain('driven by another controller');
      // They would have confirmed it, had they been told to stop.
      expect(second.outcome.unconfirmed).toEqual(['agent-1', 'agent-2']);
    },
    20_000,
  );
});
