import preset from '../../jest.preset.mjs';

export default { ...preset, displayName: 'metadata-cache', rootDir: import.meta.dirname };
