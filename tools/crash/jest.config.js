module.exports = { ...require('../../jest.preset.js'), displayName: 'crash', rootDir: __dirname };
