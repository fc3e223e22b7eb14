import { byName, defineResource, findByName, type Named } from '../../../kit/resource.ts';
import type { Tags } from '../../../kit/tags.ts';
import { notFound } from '../errors.ts';
import { tagsById } from '../store/tags.ts';

/** For policies that ask for its tags. */
export const securityGroup = defineResource<string | undefined, Named, { tags: Tags }>({
  type: 'AWS::EC2::SecurityGroup',
  ...byName('ec2', 'security-group/'),
  ...findByName(async (db, place, ids) => {
    const found = await tagsById(db, place, ids);
    return new Map([...found].map(([id, tags]) => [id, { tags }]));
  }),
  notFound: ({ name }) => notFound('sg', name),
  tags: { of: ({ tags }) => tags },
});
