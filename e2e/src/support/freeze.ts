import { ioProcesses } from './programs.ts';
import type { Child } from '@sai3bench/testing';

/** Freezes an agent (SIGSTOP), alone or with the processes that do its I/O; returns what thaws it. */
export function freeze(agent: Child, whole = false): () => void {
  const ids = [agent.process.pid ?? 0, ...(whole ? ioProcesses(agent) : [])];
  for (const id of ids) process.kill(id, 'SIGSTOP');
  return () => {
    for (const id of ids) process.kill(id, 'SIGCONT');
  };
}
