// npm run quickstart: a storage server and two agents on this machine, one run against S3 and one against files.
//
//   npm run quickstart [-- --results-dir DIRECTORY] [--objects-dir DIRECTORY]
//
// The objects of the run against files lie in a temporary directory of its own, unless another is named.
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { startS3TestServer } from '@sai3bench/s3-test-server';
import { startChild, temporaryDirectory } from '@sai3bench/testing';
import { root } from './projects.mjs';

const AGENT = join(root, 'apps/agent/bin/sai3bench-agent.js');
const CONTROLLER = join(root, 'apps/controller/bin/sai3bench-ctl.js');
const { values } = parseArgs({
  options: {
    'results-dir': { type: 'string', default: join(root, 'results') },
    'objects-dir': { type: 'string' },
  },
});
const temporary = temporaryDirectory();
const RESULTS = resolve(values['results-dir']);
const OBJECTS = resolve(values['objects-dir'] ?? join(temporary.path, 'objects'));
const BUCKET = 'quickstart';
/** The server's address and the directory as the examples spell them. */
const EXAMPLE_SERVER = '127.0.0.1:9000';
const EXAMPLE_DIRECTORY = 'file:///tmp/sai3bench-quickstart/';

const startedAt = Date.now();
const running = [];
// The controller sits in the same terminal and hears Ctrl-C itself; what it leaves is stopped below.
let interrupted = false;
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => (interrupted = true));

try {
  process.exitCode = await quickstart();
} finally {
  await Promise.all(running.map((each) => each.stop()));
  temporary.remove();
}

async function quickstart() {
  say(
    'sai3bench quickstart: an S3 server and two agents on this machine, then two runs of a few seconds.\n',
  );
  const server = await startS3TestServer({ buckets: [BUCKET] });
  running.push(server);
  say(
    `  S3 server  http://${server.host} (sai3bench's own for tests, in memory; bucket ${BUCKET})`,
  );
  const addresses = [];
  for (const name of ['agent-1', 'agent-2']) {
    const agent = startChild(process.execPath, [AGENT, '--listen', '127.0.0.1:0'], {
      env: { ...server.env, SAI3BENCH_CACHE_DIR: join(temporary.path, 'caches') },
    });
    running.push(agent);
    await agent.printed(/listening .* on \S+:\d+/);
    addresses.push(/ on (\S+:\d+)/.exec(agent.output())[1]);
    say(`  ${name}    ${addresses.at(-1)}`);
  }

  mkdirSync(RESULTS, { recursive: true });
  const before = new Set(readdirSync(RESULTS));
  for (const example of ['quickstart-s3.yaml', 'quickstart-file.yaml']) {
    const text = readFileSync(join(root, 'examples', example), 'utf8');
    const here = text
      .replaceAll(EXAMPLE_SERVER, server.host)
      .replaceAll(EXAMPLE_DIRECTORY, `${pathToFileURL(OBJECTS).href}/`);
    writeFileSync(join(temporary.path, example), here);
    say(`\n$ sai3bench-ctl --agents ${addresses.join(',')} run --config ${example}\n`);
    const exitCode = await control(['--agents', addresses.join(','), 'run', '--config', example]);
    if (exitCode !== 0) return exitCode;
    if (interrupted) return 130;
  }

  const seconds = ((Date.now() - startedAt) / 1000).toFixed(0);
  say(`\nDone in ${seconds} s. The results, one directory a run:`);
  for (const name of readdirSync(RESULTS).filter((each) => !before.has(each))) {
    say(`  ${relative(process.cwd(), join(RESULTS, name))}/`);
  }
  say('What each file says: docs/results.md. A run of your own: docs/getting-started.md.');
  return 0;
}

/** Runs the controller in this terminal. */
async function control(args) {
  const child = spawn(process.execPath, [CONTROLLER, ...args, '--results-dir', RESULTS], {
    stdio: 'inherit',
    cwd: temporary.path,
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

function say(line) {
  console.log(line);
}
