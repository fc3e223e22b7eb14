import { formatArn } from '../../../aws/arn.ts';
import { defineResource, type Named, on, type Place } from '../../../kit/resource.ts';
import { type TagRules, type Tags, tagsOf } from '../../../kit/tags.ts';
import { pipelineNotFound, systemTag, tooManyTags } from '../errors.ts';
import { limits } from '../limits.ts';
import { findPipeline, type PipelineRecord, setTags } from '../store/pipelines.ts';

/** `arn:aws:codepipeline:REGION:ACCOUNT:NAME`; stages and actions follow after `/` (CP-A2). */
export function pipelineArn(place: Place, name = '', ...path: (string | undefined)[]): string {
  const { partition, region, accountId } = place;
  const resource = [name, ...path.map((part) => part ?? '')].join('/');
  return formatArn({ partition, service: 'codepipeline', region, accountId, resource });
}

export const tagRules = (arn: string): TagRules => ({
  most: limits.tags,
  reserved: systemTag,
  tooMany: () => tooManyTags(arn),
});

/** Tags as the store has them. */
export const tagList = (tags: Tags): PipelineRecord['tags'] =>
  [...tags].map(([key, value]) => ({ key, value }));

/** Named by its name, and those of a stage and an action where the call is about these. */
type Path = [name: string | undefined, ...parts: (string | undefined)[]];

export const pipeline = defineResource<Path, Named, PipelineRecord>({
  type: 'AWS::CodePipeline::Pipeline',
  locate: ({ accountId, region, partition }, [name = '', ...path]) => ({
    ...{ accountId, region, name },
    arn: pipelineArn({ accountId, region, partition }, name, ...path),
  }),
  parse({ accountId, region, ...arn }) {
    const [name = ''] = arn.resource.split('/');
    return { accountId, region, name, arn: pipelineArn({ accountId, region }, name) };
  },
  find: (db, { accountId, region, name }) => findPipeline(db, { accountId, region, name }),
  notFound: ({ accountId, name }) => pipelineNotFound(accountId, name),
  tags: {
    of: ({ tags }) => tagsOf(tags),
    save: (tx, { pipelineId }, tags) => setTags(tx, pipelineId, tagList(tags)),
    rules: ({ arn }) => tagRules(arn),
  },
});

interface NamesPipeline {
  name?: string | undefined;
  pipelineName?: string | undefined;
}

/** Who may call an operation that names a pipeline in `name` or `pipelineName`. */
export const onPipeline = on(pipeline, ({ name, pipelineName }: NamesPipeline) => [
  pipelineName ?? name,
]);

/** The same for operations on a stage. */
export const onStage = on(
  pipeline,
  (input: { pipelineName: string | undefined; stageName: string | undefined }) => [
    input.pipelineName,
    input.stageName,
  ],
);
