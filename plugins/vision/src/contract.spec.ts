import { contractSuite } from '@sluice/testing';
import { vision } from '.';

// A clip and a model are for their own tests.
const cases = contractSuite(vision, { unrun: ['vision/video-file', 'vision/detect'] });

test.each(cases.map((one) => [one.name, one] as const))('%s', (_name, one) => one.run());
