import { type Arn, parseArn } from '../aws/arn.ts';
import type { Db, Tx } from '../db/database.ts';
import { resourceTagConditions, type Tags } from './tags.ts';

/** Finds the tags of a service's resource by its ARN; undefined for what is not there or has none. */
export type TagFinder = (db: Db | Tx, arn: Arn) => Promise<Tags | undefined>;

/** Services that have a condition key of their own beside `aws:ResourceTag/…`. */
const OWN_KEYS = ['ec2', 'iam', 'ssm', 'secretsmanager'];

/**
 * The condition keys of a resource's tags, by its ARN and whichever service it is of: policies are asked about resources
 * of other services too, such as a role that is passed.
 */
export function makeResourceTags(
  services: readonly { name: string; tagsOf: TagFinder }[],
  db: Db,
): (resource: string) => Promise<Record<string, string>> {
  const finders = new Map(services.map(({ name, tagsOf }) => [name, tagsOf]));
  return async (resource) => {
    const arn = parseArn(resource);
    const tags = arn && (await finders.get(arn.service)?.(db, arn));
    if (!tags) return {};
    const conditions = resourceTagConditions(tags);
    if (!OWN_KEYS.includes(arn.service)) return conditions;
    const own = [...tags].map(([key, value]) => [
      `${arn.service}:resourcetag/${key.toLowerCase()}`,
      value,
    ]);
    return { ...conditions, ...Object.fromEntries(own) };
  };
}
