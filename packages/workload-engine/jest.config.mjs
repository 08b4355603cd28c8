import preset from '../../jest.preset.mjs';

export default { ...preset, displayName: 'workload-engine', rootDir: import.meta.dirname };
