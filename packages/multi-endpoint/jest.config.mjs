import preset from '../../jest.preset.mjs';

export default { ...preset, displayName: 'multi-endpoint', rootDir: import.meta.dirname };
