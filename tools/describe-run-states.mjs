// Writes docs/run-states.md from the table in barrier-protocol; a specification there compares the two.
import { writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { describeRunTable } from '../packages/barrier-protocol/src/testing/describe-run-table.ts';

const PAGE = new URL('../docs/run-states.md', import.meta.url);
const options = await resolveConfig(PAGE);
writeFileSync(PAGE, await format(describeRunTable(), { ...options, parser: 'markdown' }));
