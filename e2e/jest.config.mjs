import preset from '../jest.preset.mjs';

export default {
  ...preset,
  displayName: 'e2e',
  rootDir: import.meta.dirname,
  testTimeout: 180_000,
  // Much of the time is spent in processes that tests start and wait for; on two cores jest would take one worker.
  maxWorkers: 2,
};
