import { parentPort, workerData } from 'node:worker_threads';
import { toErrorRecord } from '@sai3bench/errors';
import type { WorkerSetup } from './worker-context.ts';
import type { WorkerEvent } from './worker-messages.ts';
import { WorkerSession } from './worker-session.ts';

/** Entry point of a worker thread. */
if (parentPort !== null) {
  try {
    await WorkerSession.open(parentPort, workerData as WorkerSetup);
  } catch (error) {
    parentPort.postMessage({
      type: 'failed',
      error: toErrorRecord(error),
    } satisfies WorkerEvent);
  }
}
