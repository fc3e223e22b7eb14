import { generateKeyPairSync } from 'node:crypto';
import * as sdk from '@aws-sdk/client-iam';
import { IAMClient } from '@aws-sdk/client-iam';
import { expect, it } from 'vitest';
import { eachDialect } from '../../db/testing.ts';
import { world } from '../../testing.ts';
import service from './index.ts';

eachDialect('SSH public keys', (makeDatabase) => {
  it('users have SSH public keys for CodeCommit, at most five, which go before them', async () => {
    const server = await world(makeDatabase, [service]);
    const iam = server.client(IAMClient);
    await iam.send(new sdk.CreateUserCommand({ UserName: 'u' }));
    const body = () =>
      generateKeyPairSync('rsa', { modulusLength: 2048 })
        .publicKey.export({ format: 'pem', type: 'spki' })
        .toString();
    const upload = (SSHPublicKeyBody: string) =>
      iam.send(new sdk.UploadSSHPublicKeyCommand({ UserName: 'u', SSHPublicKeyBody }));
    const first = body();
    const { SSHPublicKey: made } = await upload(first);
    const SSHPublicKeyId = made?.SSHPublicKeyId ?? '';
    expect(made).toMatchObject({ UserName: 'u', SSHPublicKeyBody: first, Status: 'Active' });
    expect(SSHPublicKeyId).toMatch(/^APKA/);
    const get = async (Encoding: 'SSH' | 'PEM') =>
      (await iam.send(new sdk.GetSSHPublicKeyCommand({ ...key, Encoding }))).SSHPublicKey;
    const key = { UserName: 'u', SSHPublicKeyId };
    expect((await get('PEM'))?.SSHPublicKeyBody).toBe(first.trimEnd());
    const ssh = (await get('SSH'))?.SSHPublicKeyBody ?? '';
    expect(ssh).toMatch(/^ssh-rsa AAAA\S+$/);
    await expect(upload(ssh)).rejects.toMatchObject({ name: 'DuplicateSSHPublicKeyException' });
    await expect(upload('ssh-rsa A')).rejects.toMatchObject({
      name: 'InvalidPublicKeyException',
    });
    await expect(upload('x')).rejects.toMatchObject({
      name: 'UnrecognizedPublicKeyEncodingException',
    });
    for (let more = 1; more < 5; more++) await upload(body());
    await expect(upload(body())).rejects.toMatchObject({ name: 'LimitExceededException' });
    await iam.send(new sdk.UpdateSSHPublicKeyCommand({ ...key, Status: 'Inactive' }));
    expect((await get('SSH'))?.Status).toBe('Inactive');
    const list = () => iam.send(new sdk.ListSSHPublicKeysCommand({ UserName: 'u' }));
    const { SSHPublicKeys = [] } = await list();
    expect(SSHPublicKeys).toHaveLength(5);
    await expect(iam.send(new sdk.DeleteUserCommand({ UserName: 'u' }))).rejects.toMatchObject({
      name: 'DeleteConflictException',
      message: 'Cannot delete entity, must delete SSH public keys first.',
    });
    for (const { SSHPublicKeyId: id } of SSHPublicKeys) {
      await iam.send(
        new sdk.DeleteSSHPublicKeyCommand({ UserName: 'u', SSHPublicKeyId: id ?? '' }),
      );
    }
    await expect(get('SSH')).rejects.toMatchObject({ name: 'NoSuchEntityException' });
    await iam.send(new sdk.DeleteUserCommand({ UserName: 'u' }));
  });
});
