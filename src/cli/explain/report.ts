import { printable, spanText } from '../../lib/printable.ts';
import type { Denial } from './denial.ts';
import { type FlakyTest, flakyText } from './flaky.ts';
import type { Cause } from './verdict.ts';
import type { MissingArtifact } from './words.ts';

/** A refused call and what lets it not through. */
export interface ExplainedDenial extends Denial {
  causes: Cause[];
}

/** A part that has failed. */
export interface Failure {
  /** `Build/Test`, a phase, a host. */
  what: string;
  code?: string | undefined;
  message: string;
  /** JSON pointer into the pipeline, and its place where a file was given. */
  pointer?: string | undefined;
  place?: string | undefined;
  denials: ExplainedDenial[];
  missing: MissingArtifact[];
  log: string[];
  /** Commands that mend it, where some are known. */
  mend?: string[] | undefined;
}

/** What there is to say of an execution, a build or a deployment. */
export interface Report {
  kind: 'execution' | 'build' | 'deployment';
  id: string;
  of: string;
  status: string;
  ms?: number | undefined;
  why: string;
  sources: string[];
  waited: string[];
  /** What it waits for now. */
  waits: string[];
  failures: Failure[];
  /** Of a build. */
  flaky?: FlakyTest[];
}

const line = (name: string, text: string) => `${name.padEnd(8)} ${printable(text)}`;

export function reportText(report: Report): string {
  const took = report.ms === undefined ? '' : ` after ${spanText(report.ms)}`;
  const lines = [
    `${report.kind} ${report.id} of ${printable(report.of)}: ${report.status}${took}`,
    line('why', report.why),
    ...report.sources.map((source) => line('source', source)),
    ...report.waited.map((wait) => line('waited', wait)),
    ...report.waits.map((wait) => line('waits', wait)),
    ...report.failures.flatMap(failureLines),
    ...(report.flaky ?? []).map((test) => line('flaky', flakyText(test))),
  ];
  return `${lines.join('\n')}\n`;
}

function failureLines(failure: Failure): string[] {
  const { what, code, message, pointer, place, denials, missing, log, mend = [] } = failure;
  const where = [pointer, place].filter(Boolean).join('  ');
  return [
    line('failed', `${what}: ${[code, message].filter(Boolean).join(': ')}`),
    ...(where ? [line('  at', where)] : []),
    ...missing.map(({ name, maker }) =>
      line('  lacked', `the artifact ${name}, which ${maker} makes`),
    ),
    ...denials.flatMap(denialLines),
    ...mend.map((command) => line('  mend', command)),
    ...log.map((text) => `    | ${printable(text)}`),
  ];
}

function denialLines({ principal, action, resource, because, causes }: ExplainedDenial): string[] {
  const said = because ? ` (${because})` : '';
  return [
    line('  denied', `${action} on ${resource} to ${principal}${said}`),
    ...(causes.length === 0
      ? [
          line(
            '  by',
            'nothing that can be read now: its policies were changed since, or differ in their conditions',
          ),
        ]
      : causes.flatMap(causeLines)),
  ];
}

function causeLines({ policy, of, why, statement }: Cause): string[] {
  const whose = policy === 'role' ? `the policies of ${of}` : `the ${policy} of ${of}`;
  const add = statement ? [line('  add', JSON.stringify(statement))] : [];
  if (why === 'denies') return [line('  by', `${whose}: a statement denies it`)];
  if (why === 'unread')
    return [line('  by', `${whose}, by all that can be read: they themselves cannot`), ...add];
  return [line('  by', `${whose}: no statement allows it`), ...add];
}
