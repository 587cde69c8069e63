const preset = require('../../jest.preset.js');
const [[, [runner, swc]]] = Object.entries(preset.transform);

module.exports = {
  ...preset,
  displayName: 'console',
  rootDir: __dirname,
  moduleFileExtensions: ['ts', 'tsx', 'js', 'mjs', 'cjs', 'json', 'node'],
  transform: {
    ...preset.transform,
    '^.+\\.tsx$': [
      runner,
      { ...swc, jsc: { ...swc.jsc, parser: { ...swc.jsc.parser, tsx: true }, transform: { react: { runtime: 'automatic' } } } },
    ],
  },
};
