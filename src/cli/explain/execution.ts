import {
  type ActionExecutionDetail,
  type CodePipelineClient as Client,
  CodePipelineClient,
  GetPipelineExecutionCommand,
  ListActionExecutionsCommand,
  ListPipelinesCommand,
  type PipelineDeclaration,
  type PipelineSummary,
} from '@aws-sdk/client-codepipeline';
import { HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { greatest, least } from '../../lib/append.ts';
import { pointerOf } from '../../lib/located.ts';
import { asker } from '../pipeline/answers.ts';
import { tailOf } from '../pipeline/tail.ts';
import {
  type ActionView,
  executionView,
  hasEnded,
  type RuleView,
  revisionText,
} from '../pipeline/view.ts';
import { clientConfig, type Server } from '../server.ts';
import { explainBuild } from './build.ts';
import { guilty, placeIn } from './definition.ts';
import type { Explainer } from './denials.ts';
import { explainDeployment } from './deployment.ts';
import type { Failure, Report } from './report.ts';
import type { Window } from './trail.ts';
import {
  type MissingArtifact,
  makerOf,
  mendingCommands,
  missingInputs,
  triggerText,
  waitsOf,
  waitText,
} from './words.ts';

/** How many pipelines are asked at once for an execution that somebody names without its pipeline. */
const AT_ONCE = 10;

/** The pipeline that an execution is of; undefined where none of those that the caller sees has it. */
export async function pipelineOf(client: Client, executionId: string): Promise<string | undefined> {
  let nextToken: string | undefined;
  do {
    const page: { pipelines?: PipelineSummary[]; nextToken?: string } = await client.send(
      new ListPipelinesCommand({ nextToken }),
    );
    const names = (page.pipelines ?? []).flatMap(({ name }) => name ?? []);
    for (let start = 0; start < names.length; start += AT_ONCE) {
      const some = names.slice(start, start + AT_ONCE);
      const found = await Promise.all(some.map((name) => has(client, name, executionId)));
      const index = found.indexOf(true);
      if (index >= 0) return some[index];
    }
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return undefined;
}

async function has(client: Client, pipelineName: string, pipelineExecutionId: string) {
  try {
    await client.send(new GetPipelineExecutionCommand({ pipelineName, pipelineExecutionId }));
    return true;
  } catch {
    return false;
  }
}

export async function explainExecution(
  server: Server,
  explain: Explainer,
  {
    pipeline: name,
    executionId,
    file,
  }: { pipeline: string; executionId: string; file?: string | undefined },
): Promise<Report> {
  const client = new CodePipelineClient(clientConfig(server));
  const answers = await asker(client, name, executionId)();
  const { pipeline, execution, actions } = answers;
  const view = executionView(answers);
  const views = view.stages.flatMap((stage) => stage.actions);
  const failed = [
    ...views.filter(({ status }) => status === 'Failed'),
    ...(view.status === 'Succeeded'
      ? []
      : view.stages.flatMap(({ rules }) => rules.filter(hasStopped))),
  ];
  const failures = (await Promise.all(failed.map(failuresOf))).flat();
  const others = await client.send(
    new ListActionExecutionsCommand({ pipelineName: name, maxResults: 100 }),
  );
  const times = actions.flatMap(({ startTime, lastUpdateTime }) => [startTime, lastUpdateTime]);
  const numbers = times.flatMap((time) => time?.getTime() ?? []);
  return {
    ...{ kind: 'execution', id: executionId, status: view.status },
    of: `${name} (version ${execution.pipelineVersion})`,
    ...(numbers.length > 0 && { ms: (greatest(numbers) ?? 0) - (least(numbers) ?? 0) }),
    why: triggerText(execution.trigger),
    sources: (execution.artifactRevisions ?? []).map((revision) =>
      [
        `${revision.name}:`,
        revision.revisionId,
        revisionText(revision.revisionSummary)?.split('\n')[0],
      ]
        .filter(Boolean)
        .join(' '),
    ),
    waited: waitsOf(pipeline, actions, others.actionExecutionDetails ?? []).map(waitText),
    waits: hasEnded(view) ? [] : waitsNow(view.stages, views),
    failures: [...failures, ...ofWhole(view.status, view.statusSummary, failures)],
  };

  /** Of an action, and of the parts of the build or the deployment that it was, as far as the caller may see these. */
  async function failuresOf(action: ActionView | RuleView): Promise<Failure[]> {
    const detail = actions.find((a) => a.actionExecutionId === action.actionExecutionId) ?? {};
    const message = action.error?.message ?? action.summary ?? '';
    const roles = [pipeline.roleArn, roleOf(pipeline, action)];
    const [denied, gone, inner] = await Promise.all([
      explain.denials(message, windowsOf(name, action), roles),
      lostInputs(server, pipeline, detail),
      partsOf(server, explain, action).catch(() => []),
    ]);
    const log =
      inner.length > 0 && (action.provider === 'CodeBuild' || inner.some(hasLog))
        ? []
        : await tailOf(server, action).catch(() => []);
    const path =
      'path' in action ? action.path : guilty(pipeline, action.stage, action.name, message, denied);
    const whole: Failure = {
      what: `${action.stage}/${action.name} (${'phase' in action ? `rule of ${action.phase}: ` : ''}${action.provider})`,
      ...{
        code: action.error?.code,
        message,
        denials: denied,
        log,
        mend: mendingCommands(message),
      },
      missing: [...missingInputs(pipeline, detail), ...gone],
      pointer: pointerOf(path),
      ...(file !== undefined && { place: placeText(file, name, path) }),
    };
    return [whole, ...inner];
  }
}

const hasLog = ({ log }: Failure) => log.length > 0;

/** A rule whose condition let the execution go no further; a skipped stage is as it should be. */
const hasStopped = ({ status, result }: RuleView) => status === 'Failed' && result !== 'SKIP';

/** What stopped an execution that no action of it did. */
const ofWhole = (
  status: string,
  summary: string | undefined,
  failures: readonly Failure[],
): Failure[] =>
  summary && failures.length === 0 && status !== 'Succeeded'
    ? [{ what: 'the execution', message: summary, denials: [], missing: [], log: [] }]
    : [];

function waitsNow(
  stages: readonly { name: string; waitsFor?: string | undefined }[],
  actions: readonly ActionView[],
): string[] {
  const approvals = actions.filter((a) => a.category === 'Approval' && a.status === 'InProgress');
  return [
    ...stages.flatMap(({ name, waitsFor }) => (waitsFor ? [`${name}: ${waitsFor}`] : [])),
    ...approvals.map(
      ({ stage, name, token }) => `${stage}/${name}: an approval${token ? `, token ${token}` : ''}`,
    ),
  ];
}

const roleOf = (pipeline: PipelineDeclaration, { stage, name }: ActionView) =>
  pipeline.stages?.find((s) => s.name === stage)?.actions?.find((a) => a.name === name)?.roleArn;

/** The session that worked for an action. */
function windowsOf(pipeline: string, { start, end }: ActionView): Window[] {
  return start && end ? [{ userName: pipeline.slice(0, 64), from: start, to: end }] : [];
}

async function partsOf(server: Server, explain: Explainer, action: ActionView): Promise<Failure[]> {
  const { provider, externalExecutionId: id } = action;
  if (id === undefined) return [];
  if (provider === 'CodeBuild') return (await explainBuild(server, explain, id))?.failures ?? [];
  if (provider !== 'CodeDeploy') return [];
  return (await explainDeployment(server, explain, id))?.failures ?? [];
}

/** Inputs that were there and are not any more. */
async function lostInputs(
  server: Server,
  pipeline: PipelineDeclaration,
  action: ActionExecutionDetail,
): Promise<MissingArtifact[]> {
  const s3 = new S3Client({ ...clientConfig(server), forcePathStyle: true });
  const lost: MissingArtifact[] = [];
  for (const { name = '', s3location } of action.input?.inputArtifacts ?? []) {
    if (!s3location) continue;
    const head = new HeadObjectCommand({ Bucket: s3location.bucket, Key: s3location.key });
    const gone = await s3.send(head).then(
      () => false,
      (error: Error) => /^(NotFound|NoSuchKey|NoSuchBucket)$/.test(error.name),
    );
    if (gone)
      lost.push({
        name: `${name} (s3://${s3location.bucket}/${s3location.key} is gone)`,
        maker: makerOf(pipeline, name),
      });
  }
  s3.destroy();
  return lost;
}

function placeText(file: string, name: string, path: (string | number)[]): string {
  const { line, column } = placeIn(file, name, path);
  return `${file}:${line}:${column}`;
}
