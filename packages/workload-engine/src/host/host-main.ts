import { setPriority } from 'node:os';
import { signingSecrets } from '@sai3bench/object-store';
import { maskTexts } from '@sai3bench/secret';
import type { HostCommand, HostEvent } from './host-messages.ts';
import { RunHost } from './run-host.ts';

/**
 * Entry point of the process that does an agent's I/O on targets, so that a target that hangs can never hang the
 * agent. It lives for one run and takes its orders from the agent alone. What it signs with it tells nobody, not even the agent.
 */
const host = new RunHost((event: HostEvent) => {
  process.send?.(maskTexts(event, signingSecrets()), () => {
    if (event.type === 'closed') endProcess();
  });
});

/** What a custom stage runs beside this process, and must not outlive the agent either. */
let guarded: number | undefined;

process.on('message', (command: HostCommand) => {
  if (command.type === 'guard') guarded = command.group;
  else void host.handle(command);
});
// An agent that is gone can use no results.
process.on('disconnect', () => {
  if (guarded !== undefined) killGroup(guarded);
  endProcess();
});
// A Ctrl-C at the terminal, or its end, reaches the whole process group; the agent decides what it means.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined);
restorePriority();

/** Agents raise their own priority; the work under measurement runs at the normal one. */
function restorePriority(): void {
  try {
    setPriority(0);
  } catch {
    // Lowering to normal is always allowed where it was raised; elsewhere there is nothing to do.
  }
}

function killGroup(group: number): void {
  try {
    process.kill(-group, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}

/** Ends at once: `process.exit` would wait for a thread that is stuck in a system call, for ever. */
function endProcess(): void {
  process.kill(process.pid, 'SIGKILL');
}
