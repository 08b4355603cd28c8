import preset from '../../jest.preset.mjs';

export default { ...preset, displayName: 'workload-config', rootDir: import.meta.dirname };
