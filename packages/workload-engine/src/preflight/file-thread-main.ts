import { parentPort } from 'node:worker_threads';
import { Checklist } from './checklist.ts';
import { carryOut } from './file-tasks.ts';
import type { FileThreadCommand, FileThreadEvent } from './file-thread.ts';

/** Entry point of a thread that checks files: one task after the other, with calls that block. */
const port = parentPort;
/** Nothing ends a task early: what it has written, it removes. */
const never = new AbortController().signal;

port?.on('message', ({ target, task }: FileThreadCommand) => {
  const tell = (event: FileThreadEvent): void => {
    port.postMessage(event);
  };
  const checks = new Checklist(target, {
    signal: never,
    onFinding: (finding) => {
      tell({ type: 'finding', finding });
    },
    onChecking: (what, check) => {
      tell({ type: 'checking', what, check });
    },
  });
  void carryOut(task, checks).then((result) => {
    tell({ type: 'done', result });
  });
});
