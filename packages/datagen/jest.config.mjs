import preset from '../../jest.preset.mjs';

export default { ...preset, displayName: 'datagen', rootDir: import.meta.dirname };
