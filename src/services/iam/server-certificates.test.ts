import * as sdk from '@aws-sdk/client-iam';
import { IAMClient } from '@aws-sdk/client-iam';
import { expect, it } from 'vitest';
import { eachDialect } from '../../db/testing.ts';
import { testCertificate } from '../../testing/test-certificate.ts';
import { world } from '../../testing.ts';
import service from './index.ts';

const [first, second] = [testCertificate('a.test'), testCertificate('b.test')];

eachDialect('server certificates', (makeDatabase) => {
  it('are kept with their keys, which nobody gets back, and found by their ARNs', async () => {
    const server = await world(makeDatabase, [service]);
    const iam = server.client(IAMClient);
    const upload = (ServerCertificateName: string, more: object = {}) =>
      iam.send(
        new sdk.UploadServerCertificateCommand({
          ...{ ServerCertificateName, CertificateBody: first.cert, PrivateKey: first.key },
          ...more,
        }),
      );
    const { ServerCertificateMetadata: made } = await upload('web', {
      ...{ Path: '/elb/', Tags: [{ Key: 'a', Value: 'b' }] },
    });
    const arn = 'arn:aws:iam::111111111111:server-certificate/elb/web';
    expect(made).toMatchObject({ Arn: arn, Path: '/elb/', ServerCertificateName: 'web' });
    expect(made?.ServerCertificateId).toMatch(/^ASCA/);
    const named = { ServerCertificateName: 'web' };
    const got = await iam.send(new sdk.GetServerCertificateCommand(named));
    expect(got.ServerCertificate).toMatchObject({ CertificateBody: first.cert });
    expect(JSON.stringify(got)).not.toContain('PRIVATE');
    const { certificates, db } = server.platform;
    expect(await certificates.find(db, arn)).toMatchObject({ key: first.key });
    expect(await certificates.find(db, arn.replace('/elb', ''))).toBeUndefined();
    const rows = await db
      .withTables<{ iam_server_certificate: { id: string; sealed_key: string } }>()
      .selectFrom('iam_server_certificate')
      .selectAll()
      .execute();
    // The row has the key under the vault and nowhere else, in no encoding either.
    const [row] = rows;
    const sealed = row?.sealed_key ?? '';
    expect(server.platform.vault.open(sealed, row?.id ?? '').toString()).toBe(first.key);
    const others = JSON.stringify({ ...row, sealed_key: Buffer.from(sealed, 'base64').toString() });
    for (const text of [JSON.stringify(rows), others])
      for (const encoding of ['latin1', 'base64', 'hex'] as const)
        expect(text).not.toContain(Buffer.from(first.key).toString(encoding).slice(0, 24));

    for (const [more, name] of [
      [{}, 'EntityAlreadyExistsException'],
      [{ ServerCertificateName: 'x', PrivateKey: second.key }, 'KeyPairMismatchException'],
      [{ ServerCertificateName: 'x', CertificateBody: 'x' }, 'MalformedCertificateException'],
      [{ ServerCertificateName: 'x', PrivateKey: 'x' }, 'MalformedCertificateException'],
      [
        { ServerCertificateName: 'x', CertificateChain: second.cert },
        'MalformedCertificateException',
      ],
    ] as const)
      await expect(upload('web', more)).rejects.toMatchObject({ name });

    const tags = { ...named, Tags: [{ Key: 'c', Value: 'd' }] };
    await iam.send(new sdk.TagServerCertificateCommand(tags));
    await iam.send(new sdk.UntagServerCertificateCommand({ ...named, TagKeys: ['a'] }));
    const listed = await iam.send(new sdk.ListServerCertificateTagsCommand(named));
    expect(listed.Tags).toEqual([{ Key: 'c', Value: 'd' }]);
    const renamed = { ...named, NewServerCertificateName: 'Other', NewPath: '/' };
    await iam.send(new sdk.UpdateServerCertificateCommand(renamed));
    const list = await iam.send(new sdk.ListServerCertificatesCommand({ PathPrefix: '/' }));
    expect(list.ServerCertificateMetadataList?.map(({ Arn }) => Arn)).toEqual([
      'arn:aws:iam::111111111111:server-certificate/Other',
    ]);
    const other = { ServerCertificateName: 'other' };
    await iam.send(new sdk.DeleteServerCertificateCommand(other));
    await expect(iam.send(new sdk.GetServerCertificateCommand(other))).rejects.toMatchObject({
      name: 'NoSuchEntityException',
    });
    expect(server.failures).toEqual([]);
  });
});
