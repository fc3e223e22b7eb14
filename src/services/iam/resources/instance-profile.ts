import { defineResource, type Located, on } from '../../../kit/resource.ts';
import { tagsOf } from '../../../kit/tags.ts';
import { noSuchProfile } from '../errors.ts';
import { findProfile, type InstanceProfile } from '../store/instance-profiles.ts';

interface LocatedProfile extends Located {
  name: string;
}

export const profileArn = ({
  accountId,
  path,
  name,
}: Pick<InstanceProfile, 'accountId' | 'path' | 'name'>): string =>
  `arn:aws:iam::${accountId}:instance-profile${path}${name}`;

/** Its ARN has its path, when it exists: refusals call it by its name, as those of users and roles do. */
export const instanceProfile = defineResource<string | undefined, LocatedProfile, InstanceProfile>({
  type: 'AWS::IAM::InstanceProfile',
  locate: ({ accountId, region }, name = '') => ({
    ...{ accountId, region, name },
    arn: profileArn({ accountId, path: '/', name }),
  }),
  parse({ accountId, region, resource }) {
    const [kind, ...path] = resource.split('/');
    const name = path.at(-1) ?? '';
    if (kind !== 'instance-profile') return undefined;
    return { accountId, region, name, arn: profileArn({ accountId, path: '/', name }) };
  },
  find: (db, { accountId, name }) => findProfile(db, accountId, name),
  known: (found) => ({ arn: profileArn(found) }),
  named: ({ name }) => `instance profile ${name}`,
  notFound: ({ name }) => noSuchProfile(name),
  tags: { of: ({ data }) => tagsOf(data.tags) },
});

export const onProfile = on(
  instanceProfile,
  ({ InstanceProfileName }: { InstanceProfileName?: string | undefined }) => InstanceProfileName,
);
