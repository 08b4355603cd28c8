import preset from '../../jest.preset.mjs';

export default { ...preset, displayName: 'terminal', rootDir: import.meta.dirname };
