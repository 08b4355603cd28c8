export { formatLogLine } from './log-line.ts';
export { Pace } from './pace.ts';
export { printable, printableJson, printableLine } from './printable.ts';
export { progressBar } from './progress-bar.ts';
export { Terminal } from './terminal.ts';

export type { TextSink } from './terminal.ts';
export type { LogLevel } from './log-line.ts';
