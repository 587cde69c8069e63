const { join } = require('node:path');

module.exports = {
  ...require('../../jest.preset.js'),
  displayName: 'docs',
  rootDir: __dirname,
  // What the guide shows is run.
  roots: [__dirname, join(__dirname, '../../docs/guide/snippets')],
};
