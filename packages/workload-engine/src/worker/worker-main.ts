import { parentPort, workerData } from 'node:worker_threads';
import { toErrorRecord } from '@sai3bench/errors';
import { signingSecrets } from '@sai3bench/object-store';
import { maskTexts } from '@sai3bench/secret';
import type { WorkerSetup } from './worker-context.ts';
import type { WorkerEvent } from './worker-messages.ts';
import { WorkerSession } from './worker-session.ts';

/** Entry point of a worker thread. */
if (parentPort !== null) {
  try {
    await WorkerSession.open(parentPort, workerData as WorkerSetup);
  } catch (error) {
    const failed = { type: 'failed', error: toErrorRecord(error) } satisfies WorkerEvent;
    parentPort.postMessage(maskTexts(failed, signingSecrets()));
  }
}
