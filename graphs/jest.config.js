module.exports = { ...require('../jest.preset.js'), displayName: 'graphs', rootDir: __dirname };
