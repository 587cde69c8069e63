import { contractSuite } from '@sluice/testing';
import { sample } from '.';

// What every node type keeps; docs/spec/node.md of Sluice has the rules.
const cases = contractSuite(sample).map((one) => [one.name, one] as const);

test.each(cases)('%s', (_name, one) => one.run());
