import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A directory in which a test runs the real binaries. */
export interface Workspace {
  readonly path: string;
  /** Writes a workload file and returns its name. */
  workload(name: string, yaml: string): string;
  /** The results directories that runs have left, oldest first. */
  results(): string[];
}

/** Gives a test a workspace, which is kept and named when the test fails. */
export async function inWorkspace(test: (workspace: Workspace) => Promise<void>): Promise<void> {
  const path = mkdtempSync(join(tmpdir(), 'sai3bench-e2e-'));
  try {
    await test({
      path,
      workload: (name, yaml) => {
        writeFileSync(join(path, name), yaml);
        return name;
      },
      results: () =>
        readdirSync(path)
          .filter((name) => name.startsWith('sai3-'))
          .toSorted()
          .map((name) => join(path, name)),
    });
  } catch (error) {
    if (error instanceof Error) error.message += `\n\nThe results are kept in ${path}`;
    throw error;
  }
  rmSync(path, { recursive: true, force: true });
}
