import type { FileResult, TestFailure } from './types';

/** Results as JUnit XML, as CI systems read it: a suite for each file. */
export function junit(results: readonly FileResult[]): string {
  const suites = results.map((result) => {
    const { tests, diagnostics, file } = result;
    const seconds = (ms: number): string => (ms / 1_000).toFixed(3);
    const cases = tests.map(({ name, status, reason, failures, took_ms, line }) => {
      const inside =
        status === 'skipped'
          ? `<skipped${attributes({ message: reason ?? '' })}/>`
          : failures.map((failure) => `<failure${attributes({ message: failure.message })}>${escaped(told(failure))}</failure>`).join('');
      return `    <testcase${attributes({ name, classname: file, file, line: String(line), time: seconds(took_ms) })}>${inside}</testcase>\n`;
    });
    const invalid = diagnostics.map(
      ({ code, message, file: at, line, column }) =>
        `    <testcase${attributes({ name: `${code} ${at}:${line}:${column}`, classname: file, time: '0' })}><error${attributes({ message })}/></testcase>\n`,
    );
    const count = (status: string): string => String(tests.filter((test) => test.status === status).length);
    const head = attributes({
      name: file,
      tests: String(tests.length + diagnostics.length),
      failures: count('failed'),
      errors: String(diagnostics.length),
      skipped: count('skipped'),
      time: seconds(tests.reduce((sum, { took_ms }) => sum + took_ms, 0)),
    });
    return `  <testsuite${head}>\n${[...cases, ...invalid].join('')}  </testsuite>\n`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suites.join('')}</testsuites>\n`;
}

function told({ file, line, column, message, diff, hint }: TestFailure): string {
  return [`${file}:${line}:${column} ${message}`, ...diff, ...(hint === undefined ? [] : [`hint: ${hint}`])].join('\n');
}

const attributes = (values: Readonly<Record<string, string>>): string =>
  Object.entries(values)
    .map(([name, value]) => ` ${name}="${escaped(value)}"`)
    .join('');

/** Without the characters that XML 1.0 cannot hold. */
function escaped(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replace(/[&<>"]/g, (one) => `&${{ '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot' }[one]!};`);
}
