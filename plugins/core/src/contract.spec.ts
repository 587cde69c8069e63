import { contractSuite } from '@sluice/testing';
import { core } from '.';

// Standard output, which tests must not write to, and which says at once that it has written.
beforeEach(() => {
  const written = ((_text: unknown, done?: () => void) => (done?.(), true)) as typeof process.stdout.write;
  jest.spyOn(process.stdout, 'write').mockImplementation(written);
});
afterEach(() => jest.restoreAllMocks());

test.each(contractSuite(core).map((one) => [one.name, one] as const))('%s', (_name, one) => one.run());
