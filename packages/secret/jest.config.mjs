import preset from '../../jest.preset.mjs';

export default { ...preset, displayName: 'secret', rootDir: import.meta.dirname };
