/** Where an agent is in a run. */
export type RunState =
  /** No run. */
  | 'idle'
  /** The plan was accepted; the workers are being started. */
  | 'opening'
  /** Nothing is under way: before the first stage, or at the barrier after one. */
  | 'ready'
  /** What the next stage needs is being fetched. */
  | 'loading'
  /** The next stage can begin. */
  | 'loaded'
  | 'running'
  /** Stages are over; tidying up. */
  | 'closing'
  /** Everything is being stopped, because of an abort or a failure. */
  | 'stopping'
  /** The run is over. */
  | 'ended';

/** What can happen to a run: commands of the controller, reports of the I/O process, faults. */
export type RunInput =
  | 'start'
  | 'load'
  | 'begin'
  | 'finish'
  /** The stage is to end with what it has done; the run goes on. */
  | 'stop-stage'
  | 'abort'
  | 'opened'
  | 'loaded'
  | 'stage-ended'
  | 'closed'
  /** Anything that makes the run impossible; its error is reported whatever the state. */
  | 'failure'
  /** The I/O process is gone. */
  | 'host-gone';

/** What the agent does about it. */
export type RunEffect =
  | 'open-host'
  | 'send-ready'
  | 'load-stage'
  | 'send-loaded'
  | 'begin-stage'
  | 'stop-stage'
  | 'send-summary'
  | 'close-host'
  | 'report-failure'
  /** Asks the I/O process to stop, and kills it when it does not in time. */
  | 'stop-host'
  | 'kill-host'
  /** Reports that the command does not fit the state: the controller is at fault. */
  | 'report-violation'
  | 'send-ended';

/** A row of the table: the next state, and what to do on the way there. */
export interface RunTransition {
  readonly state: RunState;
  readonly effects: readonly RunEffect[];
}

const to = (state: RunState, ...effects: RunEffect[]): RunTransition => ({ state, effects });

/** Rows that are the same in every state in which work may be under way. */
const ACTIVE = {
  abort: to('stopping', 'stop-host'),
  failure: to('stopping', 'report-failure', 'stop-host'),
  'host-gone': to('ended', 'report-failure', 'send-ended'),
  violation: to('stopping', 'report-violation', 'stop-host'),
} as const;

/** Rows of inputs that do not fit a state in which work may be under way. */
const UNFIT = {
  start: ACTIVE.violation,
  load: ACTIVE.violation,
  begin: ACTIVE.violation,
  finish: ACTIVE.violation,
  'stop-stage': ACTIVE.violation,
  opened: ACTIVE.violation,
  loaded: ACTIVE.violation,
  'stage-ended': ACTIVE.violation,
  closed: ACTIVE.violation,
} as const;

const active = (
  rows: Partial<Record<RunInput, RunTransition>>,
): Record<RunInput, RunTransition> => ({
  ...UNFIT,
  abort: ACTIVE.abort,
  failure: ACTIVE.failure,
  'host-gone': ACTIVE['host-gone'],
  ...rows,
});

/** Every input in a state in which nothing is under way any more, or yet. */
const passive = (
  state: RunState,
  rows: Partial<Record<RunInput, RunTransition>>,
): Record<RunInput, RunTransition> => ({
  start: to(state),
  load: to(state),
  begin: to(state),
  finish: to(state),
  'stop-stage': to(state),
  abort: to(state),
  opened: to(state),
  loaded: to(state),
  'stage-ended': to(state),
  closed: to(state),
  failure: to(state, 'report-failure'),
  'host-gone': to(state),
  ...rows,
});

/**
 * The life of a run on an agent: every input in every state. A failure is reported in all of them, so that no error
 * is lost because it came at the wrong time; inputs that arrive late, while everything is being stopped, do no harm.
 */
export const RUN_TABLE: Readonly<Record<RunState, Readonly<Record<RunInput, RunTransition>>>> = {
  idle: passive('idle', {
    start: to('opening', 'open-host'),
    failure: to('ended', 'report-failure', 'send-ended'),
    abort: to('ended', 'send-ended'),
  }),
  opening: active({ opened: to('ready', 'send-ready') }),
  ready: active({
    load: to('loading', 'load-stage'),
    finish: to('closing', 'close-host'),
    // The stage has ended by itself meanwhile.
    'stop-stage': to('ready'),
  }),
  loading: active({ loaded: to('loaded', 'send-loaded'), 'stop-stage': to('loading') }),
  loaded: active({
    begin: to('running', 'begin-stage'),
    // The others have begun it without this agent.
    load: to('loading', 'load-stage'),
    finish: to('closing', 'close-host'),
    'stop-stage': to('loaded'),
  }),
  running: active({
    'stage-ended': to('ready', 'send-summary'),
    'stop-stage': to('running', 'stop-stage'),
  }),
  closing: active({ closed: to('ended', 'send-ended') }),
  stopping: passive('stopping', {
    'stage-ended': to('stopping', 'send-summary', 'kill-host'),
    'host-gone': to('ended', 'send-ended'),
  }),
  ended: passive('ended', {}),
};

/** What an input does in a state. */
export function runTransition(state: RunState, input: RunInput): RunTransition {
  return RUN_TABLE[state][input];
}
