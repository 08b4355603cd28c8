import { afterEach, beforeEach } from '@jest/globals';
import { temporaryDirectory, type TemporaryDirectory } from '@sai3bench/testing';
import type { AgentPlan } from '@sai3bench/workload-config';
import { TestHost } from './run-plan.ts';

/** What each test of a file has that drives I/O processes. */
export interface HostSuite {
  /** A directory of the test's own. */
  readonly path: string;
  /**
   * Starts an I/O process for a plan. If the test does not end it, it is killed.
   *
   * @param workers as `--workers` says
   */
  open(plan: AgentPlan, workers?: number): Promise<TestHost>;
}

/** Call it once, where a file of tests begins: before each test it makes what that has, and after it all is gone. */
export function hostSuite(): HostSuite {
  const hosts: TestHost[] = [];
  let directory: TemporaryDirectory;
  beforeEach(() => {
    directory = temporaryDirectory();
  });
  afterEach(async () => {
    await Promise.all(hosts.splice(0).map((host) => host.kill()));
    directory.remove();
  });
  return {
    get path() {
      return directory.path;
    },
    async open(plan, workers) {
      const host = new TestHost(plan, workers);
      hosts.push(host);
      await host.open();
      return host;
    },
  };
}
