export { junit } from './junit';
export { testFile } from './run-file';
export type { Covered, FileResult, GraphCoverage, TestFailure, TestHost, TestOptions, TestResult } from './types';
