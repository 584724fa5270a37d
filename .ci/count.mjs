// Prints the counts of a test run in one line; fails when a contract test was skipped or a test failed.
import { readFileSync } from 'node:fs';

const { numPassedTests, numFailedTests, numPendingTests, testResults } = JSON.parse(
  readFileSync(process.argv[2], 'utf8'),
);
const skippedContracts = testResults
  .filter(({ name }) => name.includes('/test/contract/'))
  .flatMap(({ assertionResults }) => assertionResults)
  .filter(({ status }) => status === 'pending' || status === 'skipped');
for (const { fullName } of skippedContracts) console.log(`A contract test was skipped: ${fullName}`);
const broken = testResults.filter(
  ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
);
for (const { name, message } of broken) console.log(`A test file could not be run: ${name}: ${message}`);
const failed = numFailedTests + broken.length + skippedContracts.length;
console.log(`${numPassedTests} passed, ${failed} failed, ${numPendingTests} skipped`);
process.exit(failed > 0 ? 1 : 0);
