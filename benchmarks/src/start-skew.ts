// npm run bench:start-skew: how far apart the agents of a run begin its stages, when all agents share this machine.
//
//   npm run bench:start-skew [-- --agents N] [--stages N] [--runs N] [--json]
//
// Each stage is one operation of each agent on null://, so that nothing but the start is measured. The target is a median of
// at most 1 ms and a maximum of at most 10 ms. Starts are known by the clocks of the agents, whose offsets have an error: with
// it, the agents are certainly no further apart than the bound that is printed.
import { Agents, median } from './measure.ts';
import { readOptions } from './options.ts';

const { values } = readOptions(import.meta.url, {
  options: {
    agents: { type: 'string', default: '8' },
    stages: { type: 'string', default: '50' },
    runs: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
  },
});
const agentCount = Number(values.agents);
const stageCount = Number(values.stages);
const TARGET_MEDIAN_MS = 1;
const TARGET_MAX_MS = 10;

/** How far apart the agents began the stages of one run, in ms. */
interface Skew {
  readonly medianMs: number;
  readonly maxMs: number;
  /** The same with the errors of the clocks against it. */
  readonly boundMedianMs: number;
  readonly boundMaxMs: number;
}

const stages = Array.from(
  { length: stageCount },
  (_, index) =>
    `    - {name: s${String(index + 1)}, order: ${String(index + 1)}, type: hybrid, max_duration: 5s, expected_tasks: ${String(agentCount)}}`,
);
const WORKLOAD = `target: "null://"
concurrency: 1
workload: [{op: put, path: x/, object_size: 1, weight: 1}]
distributed:
  stages:
${stages.join('\n')}
`;

const agents = await Agents.start(agentCount);
const skews: Skew[] = [];
try {
  for (let run = 0; run < Number(values.runs); run++) skews.push(measure());
} finally {
  await agents.stop();
}
report();

function measure(): Skew {
  const records = agents.stages(WORKLOAD);
  for (const { name, operations, starts } of records) {
    if (operations !== agentCount || starts.length !== agentCount) {
      throw new Error(
        `${name}: ${String(operations)} operations of ${String(starts.length)} agents`,
      );
    }
  }
  const skewsMs = records.map(({ start_skew_ms: skewMs }) => skewMs);
  const boundsMs = records.map(
    ({ clock_error_ms: errorMs, start_skew_ms: skewMs }) => skewMs + 2 * errorMs,
  );
  return {
    medianMs: median(skewsMs),
    maxMs: Math.max(...skewsMs),
    boundMedianMs: median(boundsMs),
    boundMaxMs: Math.max(...boundsMs),
  };
}

function report(): void {
  if (values.json) console.log(JSON.stringify({ agentCount, stageCount, runs: skews }, null, 2));
  else {
    console.log(`${String(stageCount)} stages on ${String(agentCount)} agents: skew in ms`);
    for (const { boundMaxMs, boundMedianMs, maxMs, medianMs } of skews) {
      console.log(
        `median ${medianMs.toFixed(3)}, maximum ${maxMs.toFixed(3)}; with clock errors ${boundMedianMs.toFixed(3)}, ${boundMaxMs.toFixed(3)}`,
      );
    }
    console.log(
      `(target: median at most ${String(TARGET_MEDIAN_MS)}, maximum at most ${String(TARGET_MAX_MS)})`,
    );
  }
  const isMet = skews.every(
    ({ maxMs, medianMs }) => medianMs <= TARGET_MEDIAN_MS && maxMs <= TARGET_MAX_MS,
  );
  if (!isMet) process.exitCode = 1;
}
