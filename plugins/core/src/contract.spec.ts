import { contractSuite } from '@sluice/testing';
import { core } from '.';

// Standard output lives in real time: virtual time would run past it.
const cases = contractSuite(core, { unrun: ['core/print'] });

test.each(cases.map((one) => [one.name, one] as const))('%s', (_name, one) => one.run());
