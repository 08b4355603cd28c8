import preset from '../../jest.preset.mjs';

export default { ...preset, displayName: 'barrier-protocol', rootDir: import.meta.dirname };
