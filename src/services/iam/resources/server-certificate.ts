import { defineResource, type Located, on } from '../../../kit/resource.ts';
import { tagsOf } from '../../../kit/tags.ts';
import { noSuchCertificate } from '../errors.ts';
import {
  certificateArn,
  findCertificate,
  type ServerCertificate,
} from '../store/server-certificates.ts';

interface LocatedCertificate extends Located {
  name: string;
}

/** Its ARN has its path, when it exists: refusals call it by its name. */
export const serverCertificate = defineResource<
  string | undefined,
  LocatedCertificate,
  ServerCertificate
>({
  type: 'AWS::IAM::ServerCertificate',
  locate: ({ accountId, region }, name = '') => ({
    ...{ accountId, region, name },
    arn: certificateArn({ accountId, path: '/', name }),
  }),
  parse({ accountId, region, resource }) {
    const [kind, ...path] = resource.split('/');
    const name = path.at(-1) ?? '';
    if (kind !== 'server-certificate') return undefined;
    return { accountId, region, name, arn: certificateArn({ accountId, path: '/', name }) };
  },
  find: (db, { accountId, name }) => findCertificate(db, accountId, name),
  known: (found) => ({ arn: certificateArn(found) }),
  named: ({ name }) => `server certificate ${name}`,
  notFound: ({ name }) => noSuchCertificate(name),
  tags: { of: ({ data }) => tagsOf(data.tags) },
});

export const onCertificate = on(
  serverCertificate,
  ({ ServerCertificateName }: { ServerCertificateName?: string | undefined }) =>
    ServerCertificateName,
);
