/** Prints "PASSED FAILED" from vitest's JSON report and the exit code of its run. */
import { readFileSync } from 'node:fs';

function read(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return { numPassedTests: 0, numFailedTests: 0, testResults: [] };
  }
}

const [file, status] = process.argv.slice(2);
const report = read(file);
const brokenFiles = report.testResults.filter(
  (result) => result.status === 'failed' && !result.assertionResults.some((test) => test.status === 'failed'),
);
const failed = report.numFailedTests + brokenFiles.length;
process.stdout.write(`${report.numPassedTests} ${failed === 0 && status !== '0' ? 1 : failed}\n`);
