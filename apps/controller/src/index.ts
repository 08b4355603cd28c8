export { runProgram } from './program.ts';

export type { ProcessIo } from './process-io.ts';
