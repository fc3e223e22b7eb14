import { cloverReader } from './clover.ts';
import { coberturaReader } from './cobertura.ts';
import { cucumberReader } from './cucumber.ts';
import type { ReportFormat } from './format.ts';
import { jacocoReader } from './jacoco.ts';
import { junitReader } from './junit.ts';
import { lcovReader } from './lcov.ts';
import { nunit3Reader, nunitReader } from './nunit.ts';
import { simplecovReader } from './simplecov.ts';
import { testngReader } from './testng.ts';
import { trxReader } from './trx.ts';

/** By `file-format` (CB-H1). LCOV is an addition of Slipway's. */
export const REPORT_FORMATS: Readonly<Record<string, ReportFormat>> = {
  CUCUMBERJSON: { type: 'TEST', reader: cucumberReader },
  JUNITXML: { type: 'TEST', reader: junitReader },
  NUNITXML: { type: 'TEST', reader: nunitReader },
  NUNIT3XML: { type: 'TEST', reader: nunit3Reader },
  TESTNGXML: { type: 'TEST', reader: testngReader },
  VISUALSTUDIOTRX: { type: 'TEST', reader: trxReader },
  CLOVERXML: { type: 'CODE_COVERAGE', reader: cloverReader },
  COBERTURAXML: { type: 'CODE_COVERAGE', reader: coberturaReader },
  JACOCOXML: { type: 'CODE_COVERAGE', reader: jacocoReader },
  LCOV: { type: 'CODE_COVERAGE', reader: lcovReader },
  SIMPLECOV: { type: 'CODE_COVERAGE', reader: simplecovReader },
};
