import type {
  PlainFinding,
  PlainPoolCondition,
  PlainPoolKnowledge,
} from '@sai3bench/barrier-protocol';
import type { FakeAgent } from './fake-agent.ts';

/** How a fake agent behaves; by default it is well and every stage takes no time. */
export interface FakeBehavior {
  readonly version?: string;
  readonly protocolVersion?: number;
  readonly busyWith?: string;
  /** The run that another controller begins on it after it has said that it has none. */
  readonly startedBy?: string;
  readonly instanceId?: string;
  /** The process that it says it has; one of another host when absent. */
  readonly process?: { readonly hostname: string; readonly processId: number };
  /** Whether its clock can be read now; it can when absent. */
  readonly tellsTime?: () => boolean;
  readonly findings?: readonly PlainFinding[];
  /** Its checks never end. */
  readonly neverChecked?: boolean;
  /** Whose probes of shared storage it sees; those of all whom it is asked for when absent. */
  readonly sees?: (owners: readonly string[]) => readonly string[];
  /** What it knows of the datasets of its plan. */
  readonly knowledge?: readonly PlainPoolKnowledge[];
  /** How its parts of the datasets are. */
  readonly conditions?: readonly PlainPoolCondition[];
  /** What it finds of its objects when a stage is loaded. */
  readonly objects?: { readonly existing: number; readonly missing: number };
  /** The states that it sends when it is asked for some. */
  readonly states?: Uint8Array;
  /** States that it says may not hold any more. */
  readonly doubtful?: string[];
  readonly madeSince?: string;
  /** Never becomes ready. */
  readonly neverReady?: boolean;
  /** Never gets ready for a stage. */
  readonly neverLoads?: boolean;
  /** Whether it gets ready for a stage by itself, by the number of streams that were opened anew. */
  readonly loads?: (stage: number, attached: number) => boolean;
  /** Called when a stage is loaded. */
  readonly onLoad?: (agent: FakeAgent, stage: number) => void;
  /** Whether an order to begin a stage reaches it, by the number of streams that were opened anew. */
  readonly hearsBegin?: (stage: number, attached: number) => boolean;
  /** Called at the end of the run, instead of ending it. */
  readonly onFinish?: (agent: FakeAgent) => void;
  /** Called when a stage begins, instead of reporting at once that it is done. */
  readonly onStage?: (agent: FakeAgent, stage: number) => void;
  /** What an abort does; by default the agent reports the stage as stopped. */
  readonly ignoresAbort?: boolean;
  /** Called when the controller says that it has everything up to now, with the number of summaries in that. */
  readonly onAcknowledge?: (summaries: number) => void;
  /** Whether an attempt to attach, from 1, does not get through. */
  readonly unreachable?: (attempt: number) => boolean;
  /** Whether it says to who attaches that another controller leads the run. */
  readonly isLed?: () => boolean;
  /** Called when it is told to stop without a stream; by default it cannot be reached. */
  readonly onStopRun?: (reason: string) => void;
  /** Called when a stream was opened anew. */
  readonly onAttached?: (agent: FakeAgent) => void;
  /** Answers no questions and sends no heartbeats after the start. */
  readonly silent?: boolean;
}
