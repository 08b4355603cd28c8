import preset from '../../jest.preset.mjs';

export default { ...preset, displayName: 'store-uri', rootDir: import.meta.dirname };
