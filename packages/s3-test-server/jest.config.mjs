import preset from '../../jest.preset.mjs';

export default { ...preset, displayName: 's3-test-server', rootDir: import.meta.dirname };
