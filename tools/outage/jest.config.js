module.exports = { ...require('../../jest.preset.js'), displayName: 'outage', rootDir: __dirname };
