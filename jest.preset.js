const swc = {
  jsc: {
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: false, useDefineForClassFields: false },
    target: 'es2022',
    keepClassNames: true,
  },
  module: { type: 'commonjs' },
  sourceMaps: 'inline',
  swcrc: false,
};

module.exports = {
  testEnvironment: require.resolve('./jest.env.js'),
  testMatch: ['**/*.spec.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/'],
  // None is about speed: a test that hangs is found, one on a busy machine is not blamed.
  testTimeout: 30_000,
  transform: { '^.+\\.[cm]?[tj]s$': ['@swc/jest', swc] },
  // These publish ES modules only; Jest on Node 20 loads CommonJS.
  transformIgnorePatterns: ['/node_modules/(?!(inversify|@inversifyjs|cookie|content-disposition|tinybench)/)'],
  testEnvironmentOptions: { customExportConditions: ['@sluice/source', 'node', 'require', 'default'] },
  moduleFileExtensions: ['ts', 'js', 'cjs', 'mjs', 'json', 'node'],
};
