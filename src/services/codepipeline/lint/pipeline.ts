import { type Case, casesOf } from '../../../kit/lint/conditions.ts';
import type { Finding, Lint, LintOptions, Verdict } from '../../../kit/lint/lint.ts';
import {
  isTemplate,
  resolved,
  resourcesOf,
  type TemplateResource,
} from '../../../kit/lint/template.ts';
import { withoutMarks } from '../../../kit/lint/unknown.ts';
import { entryOf, type Located, placeOf, pointerOf } from '../../../lib/located.ts';
import { type Judgement, judge } from './judge.ts';
import { inputOf } from './resource.ts';

const TYPE = 'AWS::CodePipeline::Pipeline';

/** Judges the input of CreatePipeline, the pipeline alone, or the pipelines of a template. */
export const lintPipeline: Lint = (file, options) => {
  const document = withoutMarks(file.document());
  if (isTemplate(document)) return lintTemplate(document, options);
  const input = asInput(document);
  if (!input) return undefined;
  const judged = judge(input, options.region);
  return { definitions: 1, findings: findingsOf(judged, input), answer: judged.answer };
};

/** The pipeline alone is what `--pipeline file://…` takes. */
function asInput(document: Located): Located | undefined {
  if (entryOf(document, 'pipeline')) return document;
  if (!entryOf(document, 'stages')) return undefined;
  const { at } = document;
  return { kind: 'map', at, entries: [{ key: 'pipeline', at, value: document }] };
}

const findingsOf = ({ remarks }: Judgement, input: Located): Finding[] =>
  remarks.map(({ severity, code, message, at }) => ({
    ...{ severity, code, message },
    pointer: pointerOf(at[0] === 'pipeline' ? at.slice(1) : at),
    at: placeOf(input, at),
  }));

function lintTemplate(document: Located, options: LintOptions): Verdict | undefined {
  const resources = resourcesOf(document, TYPE);
  if (resources.length === 0) return undefined;
  const verdicts = resources.map((resource) => lintResource(document, resource, options));
  return {
    definitions: resources.length,
    findings: verdicts.flatMap(({ findings }) => findings),
    answer: verdicts.find(({ answer }) => answer)?.answer,
  };
}

type Judged = Pick<Verdict, 'findings' | 'answer'>;

/**
 * An error is one in every case that the template's conditions can make; what is wrong in the usual case alone is a
 * warning, since others may be the ones that are deployed.
 */
function lintResource(document: Located, resource: TemplateResource, options: LintOptions): Judged {
  const { properties, logicalId, at } = resource;
  const none: Located = { kind: 'map', at, entries: [] };
  const [usual, ...others] = casesOf(document, properties ?? none);
  const judgedIn = (known: Case) => lintCase(resource, properties ?? none, known, options);
  const { findings, answer } = judgedIn(usual);
  const rest = others.map((known) => new Set(judgedIn(known).findings.map(markOf)));
  const isSure = (finding: Finding) => rest.every((marks) => marks.has(markOf(finding)));
  const said = findings.map((finding): Finding => {
    const named = { ...finding, of: logicalId };
    if (finding.severity === 'warning' || isSure(finding)) return named;
    return {
      ...named,
      severity: 'warning',
      message: `${finding.message} (not in every case of the template's conditions)`,
    };
  });
  return {
    findings: said,
    answer: said.some(({ severity }) => severity === 'error') ? answer : undefined,
  };
}

const markOf = ({ code, message, at: { line, column } }: Finding) =>
  [code, message, line, column].join('\n');

function lintCase(
  resource: TemplateResource,
  given: Located,
  known: Case,
  { region }: LintOptions,
): Judged {
  const holds = (condition: string) => known.get(condition) ?? true;
  const properties = resolved(given, { region: region ?? 'us-east-1', holds });
  if (properties?.kind !== 'map') {
    return {
      findings: [
        {
          ...{ severity: 'warning', code: 'NotJudged', pointer: '', at: resource.at },
          message: 'The properties are not known before the template is deployed',
        },
      ],
    };
  }
  const { input, extraneous } = inputOf(resource, properties);
  const judged = judge(input, region);
  const refused = extraneous.map(
    ({ name, at }): Finding => ({
      ...{ severity: 'error', code: 'ValidationError', pointer: '', at },
      message: `CloudFormation refuses the property: extraneous key [${name}] is not permitted`,
    }),
  );
  return { findings: [...refused, ...findingsOf(judged, input)], answer: judged.answer };
}
