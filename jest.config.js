const { availableParallelism } = require('node:os');

module.exports = {
  projects: ['<rootDir>/{libs/*,apps/*,plugins/*,tools/*,graphs}/jest.config.js'],
  // As in the preset, which counts only where one project is run by itself.
  testTimeout: 30_000,
  // Many tests wait for processes that they started: two run side by side on a small machine, too.
  maxWorkers: Math.max(2, availableParallelism() - 1),
};
