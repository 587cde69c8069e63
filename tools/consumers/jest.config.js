module.exports = {
  ...require('../../jest.preset.js'),
  displayName: 'consumers',
  rootDir: __dirname,
  testPathIgnorePatterns: ['/node_modules/', '/fixtures/'],
};
