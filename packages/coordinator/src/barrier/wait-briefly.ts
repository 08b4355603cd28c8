import type { Gate } from './gate.ts';

/** Waits for a time, or until a gate is over. */
export async function waitBriefly(durationMs: number, gate: Gate): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise((resolve) => {
    timer = setTimeout(resolve, durationMs);
  });
  await Promise.race([gate.result, over]);
  clearTimeout(timer);
}
