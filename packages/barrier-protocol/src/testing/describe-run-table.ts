import { RUN_TABLE, type RunInput, type RunState } from '../run-state.ts';

const MEANINGS: Readonly<Record<RunState, string>> = {
  idle: 'no run',
  opening: 'the plan was accepted; the workers are being started',
  ready: 'nothing is under way: before the first stage, or at the barrier after one',
  loading: 'what the next stage needs is being fetched',
  loaded: 'the next stage can begin',
  running: 'a stage runs',
  closing: 'stages are over; tidying up',
  stopping: 'everything is being stopped, because of an abort or a failure',
  ended: 'the run is over; its results wait for the controller if it does not have them',
};

/** The page docs/run-states.md. */
export function describeRunTable(): string {
  const states = Object.keys(RUN_TABLE) as RunState[];
  const inputs = Object.keys(RUN_TABLE.idle) as RunInput[];
  return [
    '# The states of a run on an agent',
    '',
    'Generated from `packages/barrier-protocol/src/run-state.ts` by `npm run docs:run-states`; a test compares them.',
    '',
    'Whatever happens, a run has a row for it. Inputs are commands of the controller, reports of the process that does the',
    'I/O, and faults. A link that breaks is no input: the run goes on without it, and after `reconnect_grace` without a',
    'controller the input is `abort`. With `-v` the agent logs each change with its reason.',
    '',
    '| state | meaning |',
    '| --- | --- |',
    ...states.map((state) => `| \`${state}\` | ${MEANINGS[state]} |`),
    '',
    ...states.flatMap((state) => [
      `## ${state}`,
      '',
      '| input | next state | what the agent does |',
      '| --- | --- | --- |',
      ...inputs.map((input) => {
        const { effects, state: next } = RUN_TABLE[state][input];
        const does = effects.length === 0 ? 'nothing' : effects.join(', then ');
        return `| \`${input}\` | ${next === state ? 'the same' : `\`${next}\``} | ${does} |`;
      }),
      '',
    ]),
  ].join('\n');
}
