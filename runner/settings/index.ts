// The settings, in one import.
export { missingConsent, refuseWithoutConsent } from './consent.ts';
export * from './contract.ts';
export { byPlace, told } from './findings.ts';
export { groupsOf, scheduledStreams } from './groups.ts';
export { readSettings } from './read.ts';
export { keepRotations, secretOf, withRotations } from './rotations.ts';
export { refuseProblems, runsOf } from './runs.ts';
export { tenantsOf } from './tenants.ts';
export { withVault } from './vault.ts';
