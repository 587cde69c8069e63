import { contractSuite } from '@sluice/testing';
import { io } from '.';

const cases = contractSuite(io);

test.each(cases.map((one) => [one.name, one] as const))('%s', (_name, one) => one.run());
