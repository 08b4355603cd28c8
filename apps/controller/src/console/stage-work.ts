import type { StageView } from '@sai3bench/coordinator';

/** What a stage that ends with its tasks is at, and how far. */
export interface StageWork {
  readonly what: 'directories' | 'objects' | 'operations';
  readonly done: number;
  readonly total: number;
}

/** Directories are made first; where there is nothing to put into them, they are all there is. */
export function workOf(view: StageView): StageWork {
  const { directoriesDone, directoriesTotal, stage, tasksDone, tasksTotal } = view;
  if (stage.kind === 'hybrid') return { what: 'operations', done: tasksDone, total: tasksTotal };
  const atDirectories = directoriesDone < directoriesTotal && tasksDone === 0;
  return atDirectories || (tasksTotal === 0 && directoriesTotal > 0)
    ? { what: 'directories', done: directoriesDone, total: directoriesTotal }
    : { what: 'objects', done: tasksDone, total: tasksTotal };
}
