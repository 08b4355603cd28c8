// npm run bench:micro: the steps of an operation one by one, each beside a reference in the same run.
//
//   npm run bench:micro [-- FAMILY...] [--seconds N] [--rounds N] [--json]      families: sign parse exchange datagen record pick
import { availableParallelism, cpus } from 'node:os';
import { type MicroCase, type MicroResult, measureCase } from './micro/case.ts';
import { datagenCases } from './micro/datagen.ts';
import { exchangeCases } from './micro/exchange.ts';
import { parseCases } from './micro/parse.ts';
import { pickCases } from './micro/pick.ts';
import { recordCases } from './micro/record.ts';
import { signCases } from './micro/sign.ts';
import { readOptions } from './options.ts';

const FAMILIES: Readonly<Record<string, () => MicroCase[]>> = {
  sign: signCases,
  parse: parseCases,
  exchange: exchangeCases,
  datagen: datagenCases,
  record: recordCases,
  pick: pickCases,
};

const { positionals, values } = readOptions(import.meta.url, {
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '0.3' },
    rounds: { type: 'string', default: '5' },
    json: { type: 'boolean', default: false },
  },
});
const seconds = Number(values.seconds);
const rounds = Number(values.rounds);
const wanted = positionals.length === 0 ? Object.keys(FAMILIES) : positionals;
const unknown = wanted.filter((family) => FAMILIES[family] === undefined);
if (unknown.length > 0) {
  throw new Error(`${unknown.join(', ')}: choose from ${Object.keys(FAMILIES).join(', ')}`);
}

const row = (...cells: readonly string[]): string =>
  cells
    .map((cell, index) => (index % 2 === 0 ? cell.padEnd(36) : cell.padStart(11) + '   '))
    .join('');
if (!values.json) {
  const model = cpus()[0]?.model ?? 'unknown processor';
  console.log(
    `processor time, median of ${String(rounds)} rounds of ${String(seconds)} s (${model}, ${String(availableParallelism())} cores)\n`,
  );
  console.log(row('ours', '', 'reference', '', 'speed'));
}
const results = wanted.flatMap((family) =>
  (FAMILIES[family]?.() ?? []).map((each) => {
    const result = measureCase(each, rounds, seconds);
    if (!values.json) print(result);
    return { family, ...result };
  }),
);
if (values.json) console.log(JSON.stringify({ seconds, rounds, results }, null, 2));

function print(result: MicroResult): void {
  console.log(
    row(
      ...[result.name, amount(result.nsPerTime, result.bytesPerSecond)],
      ...[result.reference, amount(result.referenceNsPerTime, result.referenceBytesPerSecond)],
      `${result.ratio.toFixed(2)} x`,
    ),
  );
}

function amount(nsPerTime: number, bytesPerSecond: number | undefined): string {
  if (bytesPerSecond !== undefined) return `${(bytesPerSecond / 1e9).toFixed(1)} GB/s`;
  return `${nsPerTime.toFixed(nsPerTime < 100 ? 1 : 0)} ns`;
}
