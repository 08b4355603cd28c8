import preset from '../../jest.preset.mjs';

export default { ...preset, displayName: 'errors', rootDir: import.meta.dirname };
