import { InvalidArnException } from '@aws-sdk/client-codepipeline';
import { type Arn, parseArn } from '../../../aws/arn.ts';
import { exception } from '../../../aws/errors.ts';
import { type AnyResource, defineResource, type Located } from '../../../kit/resource.ts';
import type { TagRules, Tags } from '../../../kit/tags.ts';
import { resourceNotFound } from '../errors.ts';
import { customActionType } from './custom-action-type.ts';
import { pipeline } from './pipeline.ts';
import { webhook } from './webhook.ts';

/** What has tags, by what its ARN begins with; a pipeline's begins with nothing. */
function kindOf({ resource }: Pick<Arn, 'resource'>): AnyResource {
  if (resource.startsWith('actiontype:')) return customActionType;
  return resource.startsWith('webhook:') ? webhook : pipeline;
}

/** One of these things, and what it is. */
interface Tagged {
  kind: AnyResource;
  thing: unknown;
}

interface LocatedTagged extends Located {
  kind: AnyResource;
  /** As its kind has it; undefined where it cannot be here. */
  own: Located | undefined;
}

/** Whatever the operations on tags name by its ARN. */
export const tagged = defineResource<string | undefined, LocatedTagged, Tagged>({
  type: pipeline.type,
  locate({ region: here }, text = '') {
    const arn = parseArn(text);
    const kind = arn && kindOf(arn);
    if (
      arn?.service !== 'codepipeline' ||
      !kind ||
      (kind === pipeline && arn.resource.includes('/'))
    )
      throw exception(InvalidArnException, `The ARN '${text}' is not valid`);
    // None that is elsewhere is found.
    const own = arn.region === here ? (kind.parse(arn) as Located | undefined) : undefined;
    return { accountId: arn.accountId, region: here, arn: text, kind, own };
  },
  parse: () => undefined,
  async find(db, { kind, own }) {
    const thing = own && (await kind.find(db, own));
    return thing === undefined ? undefined : { kind, thing };
  },
  notFound: ({ accountId, arn }) => resourceNotFound(accountId, arn.split(':').slice(5).join(':')),
  tags: {
    of: ({ kind, thing }) => kind.tags?.of(thing) as Tags,
    save: async (tx, { kind, thing }, tags) => kind.tags?.save?.(tx, thing, tags),
    rules: ({ kind, thing }) => kind.tags?.rules?.(thing) as TagRules,
  },
});
