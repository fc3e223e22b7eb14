import { byName, defineResource, findByName, type Named } from '../../../kit/resource.ts';
import type { Tags } from '../../../kit/tags.ts';
import { noTemplate } from '../errors.ts';
import { tagsById } from '../store/tags.ts';

/** For policies that ask for its tags. */
export const launchTemplate = defineResource<string | undefined, Named, { tags: Tags }>({
  type: 'AWS::EC2::LaunchTemplate',
  ...byName('ec2', 'launch-template/'),
  ...findByName(async (db, place, ids) => {
    const found = await tagsById(db, place, ids);
    return new Map([...found].map(([id, tags]) => [id, { tags }]));
  }),
  notFound: ({ name }) => noTemplate({ id: name }),
  tags: { of: ({ tags }) => tags },
});
