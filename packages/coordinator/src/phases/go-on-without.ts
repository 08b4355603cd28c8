import type { ActiveRun } from '../run/active-run.ts';

/**
 * Goes on without some agents, and says so; of those that are lost for good, it says so once.
 *
 * @param lacking position of the stage that lacks their work, or some of it
 * @param stage position of the first stage without them
 */
export function goOnWithout(
  run: ActiveRun,
  ids: readonly string[],
  { lacking, stage }: { readonly lacking: number; readonly stage: number },
): void {
  const { team, options } = run;
  team.tolerate();
  const news = ids.filter((id) => !team.hasGivenUp(id));
  if (news.length === 0) return;
  const leftBehind = team.goOnWithout(news, { lacking, stage });
  const name = options.workload.stages[stage]?.name;
  const where = name === undefined ? '' : ` with stage ${name}`;
  options.observer.warning(`going on${where} without ${news.join(', ')}`);
  for (const { awaySinceMs, id } of leftBehind) {
    options.observer.detail(
      `${id} ${awaySinceMs === undefined ? 'is still at work' : 'is away'}: it joins again at a later barrier if it is there then`,
    );
  }
}
