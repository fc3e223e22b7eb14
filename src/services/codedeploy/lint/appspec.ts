import { basename } from 'node:path';
import type { Finding, Lint, LintFile } from '../../../kit/lint/lint.ts';
import { entryOf, type Located, NotReadable, pointerOf, START } from '../../../lib/located.ts';
import { readShiftSpec, type ShiftSpec } from '../model/appspec/shift-spec.ts';
import { lintServerSpec } from './server-appspec.ts';

const CODE = 'INVALID_REVISION';

/** Judges an AppSpec as a deployment of it does, for Lambda or ECS, and as the agent does, for servers. */
export const lintAppSpec: Lint = (file, { asked }) => {
  const kind = kindOf(file, asked);
  if (!kind && !asked) return undefined;
  if (kind === 'server') return lintServerSpec(file);
  const { spec, problems } = readShiftSpec(file.text, { name: file.name });
  const findings = problems.map(
    ({ message, at, path }): Finding => ({
      ...{ severity: 'error', code: CODE, message, at },
      pointer: pointerOf(path),
    }),
  );
  const [first] = findings;
  return {
    findings: [...findings, ...(spec ? placeholders(spec) : [])],
    ...{ definitions: 1, answer: first && { code: CODE, message: first.message } },
  };
};

/** What CodePipeline puts the task definition in for stands in the way of everybody else. */
function placeholders(spec: ShiftSpec): Finding[] {
  if (spec.platform !== 'ECS' || !/^<.*>$/.test(spec.taskDefinition)) return [];
  const message = `TaskDefinition is ${spec.taskDefinition}: only the action CodeDeployToECS of CodePipeline puts an ARN in its place`;
  return [{ severity: 'warning', code: 'Placeholder', message, pointer: '', at: START }];
}

const RESOURCE = /^AWS::(?:Lambda::Function|ECS::Service)$/;

function kindOf(file: LintFile, asked: boolean): 'shift' | 'server' | undefined {
  const named = /appspec/i.test(basename(file.name));
  let document: Located;
  try {
    document = file.document();
  } catch (error) {
    if (!(error instanceof NotReadable)) throw error;
    return named ? 'shift' : undefined;
  }
  if (entryOf(document, 'os') || (asked && entryOf(document, 'files'))) return 'server';
  const resources = (entryOf(document, 'Resources') ?? entryOf(document, 'resources'))?.value;
  const isShift = resources?.kind === 'list' && resources.items.some(hasType);
  return isShift || (named && resources?.kind === 'list') ? 'shift' : named ? 'server' : undefined;
}

function hasType(item: Located): boolean {
  const [entry] = item.kind === 'map' ? item.entries : [];
  const type = (entryOf(entry?.value, 'Type') ?? entryOf(entry?.value, 'type'))?.value;
  return type?.kind === 'scalar' && RESOURCE.test(type.text);
}
