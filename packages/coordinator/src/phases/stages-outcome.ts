/** How the stages of a run have gone. */
export type StagesOutcome = 'completed' | 'failed' | 'cleanup-failed';
