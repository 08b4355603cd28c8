import preset from '../../jest.preset.mjs';

export default { ...preset, displayName: 'coordinator', rootDir: import.meta.dirname };
