import { BenchError } from '@sai3bench/errors';
import { z } from 'zod';
import { type AgentPlan, agentPlanSchema } from './agent-plan.ts';

/**
 * Reads a plan that came over the wire.
 *
 * @throws BenchError `PLAN_INVALID` when the text is not a plan of this version
 */
export function parseAgentPlan(json: string): AgentPlan {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw invalid('it is not JSON', cause);
  }
  const result = agentPlanSchema.safeParse(value);
  if (!result.success) throw invalid(z.prettifyError(result.error));
  return result.data;
}

function invalid(why: string, cause?: unknown): BenchError {
  return new BenchError(`the plan from the controller cannot be used: ${why}`, {
    code: 'PLAN_INVALID',
    class: 'config',
    hint: 'use the same version of sai3bench-ctl and sai3bench-agent',
    cause,
  });
}
