import { afterEach, beforeEach, jest } from '@jest/globals';

/**
 * Call it where a group of tests begins: in each, what waits for a time does so until the test says that the time has
 * passed. Everything else goes on.
 */
export function holdTimeouts(): void {
  beforeEach(() => {
    jest.useFakeTimers({
      doNotFake: [
        ...(['hrtime', 'nextTick', 'performance', 'queueMicrotask', 'setImmediate'] as const),
        ...(['clearImmediate', 'Date', 'setInterval', 'clearInterval'] as const),
      ],
    });
  });
  afterEach(() => {
    // What still waits in a test that has failed would keep it from ending.
    jest.runOnlyPendingTimers();
    jest.useRealTimers();
  });
}
