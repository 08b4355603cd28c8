// A jest reporter that leaves the counts of each project where tools/test.mjs adds them up.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export default class CountsReporter {
  #rootDir;

  constructor(globalConfig) {
    this.#rootDir = globalConfig.rootDir;
  }

  onRunComplete(_contexts, results) {
    const directory = join(this.#rootDir, 'test-output');
    mkdirSync(directory, { recursive: true });
    const counts = {
      passed: results.numPassedTests,
      // A suite that cannot even be loaded is a failure too.
      failed: results.numFailedTests + results.numRuntimeErrorTestSuites,
      skipped: results.numPendingTests + results.numTodoTests,
    };
    writeFileSync(join(directory, 'counts.json'), JSON.stringify(counts));
  }
}
