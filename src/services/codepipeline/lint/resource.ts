import { CreatePipelineInput$ } from '@aws-sdk/client-codepipeline';
import { asMembers, type Extraneous } from '../../../kit/lint/properties.ts';
import type { TemplateResource } from '../../../kit/lint/template.ts';
import { unknown } from '../../../kit/lint/unknown.ts';
import { append } from '../../../lib/append.ts';
import { entryOf, type Located, type LocatedEntry, type LocatedMap } from '../../../lib/located.ts';

/** Properties of AWS::CodePipeline::Pipeline that are no members of a declaration, and are calls of their own. */
const OTHER_CALLS = ['RestartExecutionOnUpdate', 'DisableInboundStageTransitions'];

/** The input of CreatePipeline that CloudFormation makes of a resource. @param properties resolved */
export function inputOf(
  { logicalId, at }: TemplateResource,
  properties: LocatedMap,
): { input: Located; extraneous: Extraneous[] } {
  const extraneous: Extraneous[] = [];
  const own = properties.entries.filter(
    ({ key }) => key !== 'Tags' && key !== 'ArtifactStores' && !OTHER_CALLS.includes(key),
  );
  // CloudFormation makes a name of the stack's and the resource's.
  if (!entryOf(properties, 'Name')) {
    own.push({
      ...{ key: 'Name', at },
      value: { kind: 'scalar', at, text: unknown(logicalId), plain: false },
    });
  }
  const stores = entryOf(properties, 'ArtifactStores');
  const entries: LocatedEntry[] = [{ key: 'Pipeline', at, value: { ...properties, entries: own } }];
  const tags = entryOf(properties, 'Tags');
  if (tags) entries.push(tags);
  const input = asMembers(CreatePipelineInput$, { ...properties, entries }, extraneous);
  const pipeline = entryOf(input, 'pipeline')?.value as LocatedMap;
  if (stores) {
    const listed = { ...stores, key: 'ArtifactStores', value: byRegion(stores.value) };
    const part = { ...properties, entries: [listed] };
    const whole: LocatedMap = { ...properties, entries: [{ key: 'Pipeline', at, value: part }] };
    const made = entryOf(asMembers(CreatePipelineInput$, whole, extraneous), 'pipeline')?.value;
    append(pipeline.entries, (made as LocatedMap).entries ?? []);
  }
  return { input, extraneous };
}

/** A list of `{Region, ArtifactStore}` is a map in the API. */
function byRegion(list: Located): Located {
  if (list.kind !== 'list') return list;
  const entries = list.items.flatMap((item): LocatedEntry[] => {
    const region = entryOf(item, 'Region')?.value;
    const store = entryOf(item, 'ArtifactStore')?.value;
    return region?.kind === 'scalar' && store
      ? [{ key: region.text, at: item.at, value: store }]
      : [];
  });
  return { kind: 'map', at: list.at, entries };
}
