// Writes docs/run-states.md from the table: npm run docs:run-states.
import { writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { describeRunTable } from './describe-run-table.ts';

const PAGE = new URL('../../../../docs/run-states.md', import.meta.url);
const options = await resolveConfig(PAGE);
writeFileSync(PAGE, await format(describeRunTable(), { ...options, parser: 'markdown' }));
