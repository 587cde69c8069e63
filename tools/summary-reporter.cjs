const { writeSync } = require('node:fs');

/** Jest reporter: one plain last line, `N passed, N failed`, for people and for machines. A suite that cannot run is a failure. */
module.exports = class SummaryReporter {
  onRunComplete(contexts, results) {
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const skipped = results.numPendingTests + results.numTodoTests;
    // Jest writes its own summary after this hook; nothing comes after `exit`.
    process.once('exit', () =>
      writeSync(1, `\n${results.numPassedTests} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}\n`),
    );
  }
};
