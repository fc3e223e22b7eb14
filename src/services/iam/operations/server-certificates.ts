import type { ServerCertificateMetadata } from '@aws-sdk/client-iam';
import { unsupported } from '../../../aws/errors.ts';
import type { Tx } from '../../../db/database.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import {
  certificateExists,
  certificateFault,
  certificateInUse,
  noSuchCertificate,
  quota,
} from '../errors.ts';
import { SERVER_CERTIFICATES } from '../limits.ts';
import { newId } from '../model/names.ts';
import { checkCertificate } from '../model/server-certificate.ts';
import { onCertificate } from '../resources/server-certificate.ts';
import {
  certificateArn,
  certificateKey,
  countCertificates,
  deleteCertificate,
  findCertificate,
  insertCertificate,
  listCertificates,
  type ServerCertificate,
  updateCertificate,
} from '../store/server-certificates.ts';
import { iam } from './declare.ts';
import { change, nowOf, paged, slice } from './shared.ts';
import { mergeTags, withoutTags } from './tag-list.ts';

const metadata = (certificate: ServerCertificate): ServerCertificateMetadata => ({
  Path: certificate.path,
  ServerCertificateName: certificate.name,
  ServerCertificateId: certificate.id,
  Arn: certificateArn(certificate),
  UploadDate: certificate.uploadedAt,
  Expiration: certificate.data.expiresAt,
});

/** The certificate as it is in this transaction. @throws NoSuchEntityException */
async function current(tx: Tx, { accountId, name }: ServerCertificate): Promise<ServerCertificate> {
  const found = await findCertificate(tx, accountId, name);
  if (!found) throw noSuchCertificate(name);
  return found;
}

interface Named {
  Path?: string | undefined;
  ServerCertificateName: string | undefined;
}

const newArn = ({ accountId }: ServiceContext, { Path, ServerCertificateName = '' }: Named) =>
  certificateArn({ accountId, path: Path ?? '/', name: ServerCertificateName });

export const uploadServerCertificate = iam(
  'uploadServerCertificate',
  { resource: newArn },
  async (ctx, input) => {
    const { CertificateBody: body = '', PrivateKey: key = '', CertificateChain: chain } = input;
    const checked = checkCertificate({ body, key, chain });
    if (typeof checked === 'string') throw certificateFault(checked);
    const { accountId } = ctx;
    const id = newId('certificate');
    const made: ServerCertificate = {
      ...{ accountId, id, name: input.ServerCertificateName ?? '', path: input.Path ?? '/' },
      uploadedAt: nowOf(ctx),
      sealedKey: ctx.vault.seal(key, id),
      data: { body, chain, expiresAt: checked.expiresAt, tags: mergeTags([], input.Tags) },
    };
    await change(ctx, async (tx) => {
      if (await findCertificate(tx, accountId, made.name)) throw certificateExists(made.name);
      if ((await countCertificates(tx, accountId)) >= SERVER_CERTIFICATES)
        throw quota('ServerCertificatesPerAccount', SERVER_CERTIFICATES);
      await insertCertificate(tx, made);
    });
    const { tags } = made.data;
    return { ServerCertificateMetadata: metadata(made), ...(tags.length > 0 && { Tags: tags }) };
  },
);

export const getServerCertificate = iam(
  'getServerCertificate',
  onCertificate,
  async (_ctx, _input, found) => {
    const { body, chain, tags } = found.data;
    return {
      ServerCertificate: {
        ...{ ServerCertificateMetadata: metadata(found), CertificateBody: body },
        ...(chain !== undefined && { CertificateChain: chain }),
        ...(tags.length > 0 && { Tags: tags }),
      },
    };
  },
);

export const listServerCertificates = iam(
  'listServerCertificates',
  {
    resource: (ctx, { PathPrefix }) =>
      `arn:aws:iam::${ctx.accountId}:server-certificate${PathPrefix ?? '/'}`,
  },
  async (ctx, input) => {
    const { items, more } = await paged(
      ctx,
      input,
      (page) => listCertificates(ctx.db, ctx.accountId, input.PathPrefix ?? '/', page),
      ({ name }) => certificateKey(name),
    );
    return { ServerCertificateMetadataList: items.map(metadata), ...more };
  },
);

export const updateServerCertificate = iam(
  'updateServerCertificate',
  onCertificate,
  async (ctx, { NewPath, NewServerCertificateName }, named) => {
    await change(ctx, async (tx) => {
      const found = await current(tx, named);
      const moved = {
        ...found,
        path: NewPath ?? found.path,
        name: NewServerCertificateName ?? found.name,
      };
      if (certificateArn(moved) === certificateArn(found)) return;
      // Listeners have it by its ARN.
      if ((await ctx.certificates.users(tx, certificateArn(found))).length > 0)
        throw unsupported('another name or path of a server certificate that is in use');
      const other = await findCertificate(tx, found.accountId, moved.name);
      if (other && other.id !== found.id) throw certificateExists(moved.name);
      await updateCertificate(tx, moved);
    });
    return {};
  },
);

export const deleteServerCertificate = iam(
  'deleteServerCertificate',
  onCertificate,
  async (ctx, _input, named) => {
    await change(ctx, async (tx) => {
      const found = await current(tx, named);
      const [user] = await ctx.certificates.users(tx, certificateArn(found));
      if (user !== undefined) throw certificateInUse(found.id, user);
      await deleteCertificate(tx, found.id);
    });
    return {};
  },
);

type Tags = ServerCertificate['data']['tags'];

const changeTags = (ctx: ServiceContext, named: ServerCertificate, edit: (tags: Tags) => Tags) =>
  change(ctx, async (tx) => {
    const found = await current(tx, named);
    const data = { ...found.data, tags: edit(found.data.tags) };
    await updateCertificate(tx, { ...found, data });
    return {};
  });

export const tagServerCertificate = iam(
  'tagServerCertificate',
  onCertificate,
  (ctx, input, named) => changeTags(ctx, named, (tags) => mergeTags(tags, input.Tags)),
);

export const untagServerCertificate = iam(
  'untagServerCertificate',
  onCertificate,
  (ctx, input, named) => changeTags(ctx, named, (tags) => withoutTags(tags, input.TagKeys)),
);

export const listServerCertificateTags = iam(
  'listServerCertificateTags',
  onCertificate,
  async (ctx, input, { data }) => {
    const { items, more } = slice(ctx, input, data.tags, ({ Key }) => Key);
    return { Tags: items, ...more };
  },
);
