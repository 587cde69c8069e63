module.exports = { projects: ['<rootDir>/{libs,apps,plugins,tools}/*/jest.config.js', '<rootDir>/graphs/jest.config.js'] };
