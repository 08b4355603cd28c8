/** Told what is being done, and how far it is. */
export type OnProgress = (what: string, done: number, total: number) => void;
