import preset from '../../jest.preset.mjs';

export default { ...preset, displayName: 'units', rootDir: import.meta.dirname };
