import preset from '../../jest.preset.mjs';

export default { ...preset, displayName: 'controller', rootDir: import.meta.dirname };
