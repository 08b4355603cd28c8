import preset from '../../jest.preset.mjs';

export default { ...preset, displayName: 'control-link', rootDir: import.meta.dirname };
