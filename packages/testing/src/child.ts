import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** A child process of a test. */
export interface Child {
  readonly process: ChildProcess;
  /** Everything it has printed so far, standard output and error in the order of arrival. */
  output(): string;
  /** Resolves when the output contains `text`; rejects when the process ends first or time is up. */
  printed(text: string | RegExp, timeoutMs?: number): Promise<void>;
  /** Resolves with exit code or signal. */
  readonly ended: Promise<number | NodeJS.Signals>;
  /** Ends it, at first politely, and waits. */
  stop(): Promise<void>;
}

/** Guards against processes that hang, wide enough for a busy machine. */
const STOP_GRACE_MS = 20_000;
const PATIENCE_MS = 120_000;

/** Starts a process and collects what it prints. */
export function startChild(
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Child {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  let collected = '';
  const watchers = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      collected += text;
      for (const watcher of watchers) watcher();
    });
  }
  const ended = once(child, 'close').then(
    ([code, signal]) => (code ?? signal) as number | NodeJS.Signals,
  );
  const contains = (text: string | RegExp): boolean =>
    typeof text === 'string' ? collected.includes(text) : text.test(collected);
  return {
    process: child,
    output: () => collected,
    ended,
    printed: (text, timeoutMs = PATIENCE_MS) =>
      new Promise((resolve, reject) => {
        const settle = (error?: Error): void => {
          watchers.delete(check);
          clearTimeout(timer);
          if (error === undefined) resolve();
          else reject(error);
        };
        const check = (): void => {
          if (contains(text)) settle();
        };
        const timer = setTimeout(() => {
          settle(new Error(`did not print ${String(text)} in time:\n${collected}`));
        }, timeoutMs);
        watchers.add(check);
        void ended.then((how) => {
          if (!contains(text)) {
            settle(
              new Error(`ended (${String(how)}) without printing ${String(text)}:\n${collected}`),
            );
          }
        });
        check();
      }),
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_GRACE_MS);
      await ended;
      clearTimeout(timer);
    },
  };
}
