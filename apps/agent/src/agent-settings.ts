import type { AdmissionSettings } from './allowed/admission.ts';

/** What an agent was told when it was started. */
export interface AgentSettings extends AdmissionSettings {
  /** Worker threads to use, where the plan leaves the choice; the agent's own choice when absent. */
  readonly workers?: number;
}
