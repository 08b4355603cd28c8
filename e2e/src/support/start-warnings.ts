/** Warnings apart from those of a machine that was too busy to let all agents begin a stage at the same time. */
export function withoutStarts(warnings: readonly string[]): string[] {
  return warnings.filter((warning) => !/^agent-\d+ began /.test(warning));
}
