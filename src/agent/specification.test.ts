import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { certificateAuthority, signerCertificate } from '../lib/certificates.ts';
import { signMessage } from '../lib/signed-message.ts';
import { type Asked, readSpecification } from './specification.ts';

const asked: Asked = {
  hostIdentifier: 'arn:aws:iam::000000000000:user/host',
  command: { HostCommandIdentifier: 'command-2', CommandName: 'DownloadBundle' },
  invocationId: 'request-1',
};

const content = {
  DeploymentId: 'd-AAAAAAAAA',
  DeploymentGroupId: 'group-id',
  DeploymentGroupName: 'group',
  ApplicationName: 'web',
  Revision: {
    RevisionType: 'S3',
    S3Revision: {
      Bucket: 'b',
      Key: 'k',
      BundleType: 'zip',
      ChecksumSHA256: 'sum',
      ContentLength: 7,
    },
  },
  HostIdentifier: asked.hostIdentifier,
  HostCommand: { ...asked.command, CommandStatus: 'Pending' },
  InvocationId: asked.invocationId,
};

/** A server that signs whatever it is told to. */
function makeServer() {
  const dataDir = mkdtempSync(join(tmpdir(), 'slipway-specification-'));
  afterAll(() => rmSync(dataDir, { recursive: true }));
  const { privateKey: key } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const signer = { key, certificate: signerCertificate(dataDir, key) };
  return {
    anchors: [certificateAuthority(dataDir).pem],
    envelope: (specification: object) => ({
      Format: 'PKCS7/JSON',
      Payload: signMessage(JSON.stringify(specification), signer),
    }),
  };
}

const [server, stranger] = [makeServer(), makeServer()];

test('CD-AGT-05: a specification of the own server for this host, command and request is read', () => {
  expect(readSpecification(server.envelope(content), server.anchors, asked)).toMatchObject({
    deploymentId: 'd-AAAAAAAAA',
    revision: { bucket: 'b', key: 'k', bundleType: 'zip', checksum: 'sum', bytes: 7 },
  });
});

test('CD-AGT-06: a specification that another server has signed is refused', () => {
  expect(() => readSpecification(stranger.envelope(content), server.anchors, asked)).toThrow(
    'not trusted',
  );
});

test.each([
  ['host', { HostIdentifier: 'arn:aws:iam::000000000000:user/other' }],
  ['host', { HostIdentifier: undefined }],
  ['command', { HostCommand: { ...content.HostCommand, HostCommandIdentifier: 'command-1' } }],
  ['command', { HostCommand: { ...content.HostCommand, CommandName: 'Install' } }],
  ['command', { HostCommand: undefined }],
  ['request', { InvocationId: 'request-0' }],
  ['request', { InvocationId: undefined }],
])('CD-AGT-06: a genuine specification for another %s is refused', (what, change) => {
  const envelope = server.envelope({ ...content, ...change });
  expect(() => readSpecification(envelope, server.anchors, asked)).toThrow(
    `made for another ${what}`,
  );
});

test.each(['Succeeded', 'Failed', undefined])(
  'CD-AGT-06: a genuine specification for a command that is over (%s) is refused',
  (CommandStatus) => {
    const HostCommand = { ...asked.command, CommandStatus };
    const envelope = server.envelope({ ...content, HostCommand });
    expect(() => readSpecification(envelope, server.anchors, asked)).toThrow('that is over');
  },
);

test.each([
  ['DeploymentId', '../../../etc/cron.d/x'],
  ['DeploymentId', '..'],
  ['DeploymentGroupId', 'a/b'],
  ['DeploymentGroupId', 'deployment-instructions'],
  ['DeploymentGroupId', 'ongoing-deployment'],
])(
  'a specification whose %s is %s is refused, before anything is noted under that name',
  (member, value) => {
    const envelope = server.envelope({ ...content, [member]: value });
    expect(() => readSpecification(envelope, server.anchors, asked)).toThrow(
      `Not a usable identifier: ${value}`,
    );
  },
);
