import preset from '../../jest.preset.mjs';

export default { ...preset, displayName: 'results-dir', rootDir: import.meta.dirname };
