module.exports = { projects: ['<rootDir>/{libs/*,apps/*,plugins/*,tools/*,graphs}/jest.config.js'] };
