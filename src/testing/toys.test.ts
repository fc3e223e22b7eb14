import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AwsEc2QueryProtocol,
  AwsJson1_0Protocol,
  AwsQueryProtocol,
  AwsRestJsonProtocol,
  AwsSmithyRpcV2CborProtocol,
} from '@aws-sdk/core/protocols';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PutThingCommand, type Thing } from '../aws/protocols/toy.ts';
import { readConfig } from '../config.ts';
import { type Listening, listen } from '../listen.ts';
import { SERVICES } from '../services/registry.ts';
import { TOYS } from './registry.ts';
import { toySettings } from './toy-client.ts';
import { FACTS as EC2, Toyec2Client } from './toyec2/client.ts';
import { FACTS as REST, ToyrestClient } from './toyrest/client.ts';
import { FACTS as RPC, ToyrpcClient } from './toyrpc/client.ts';

// What docs/adding-a-service.md promises: a folder, a line and a contract, and the SDK's clients are answered on the port.

const CASES = [
  { Client: ToyrestClient, protocol: new AwsRestJsonProtocol(toySettings(REST)) },
  { Client: ToyrpcClient, protocol: new AwsSmithyRpcV2CborProtocol(toySettings(RPC)) },
  { Client: ToyrpcClient, protocol: new AwsJson1_0Protocol(toySettings(RPC)) },
  { Client: ToyrpcClient, protocol: new AwsQueryProtocol(toySettings(RPC)) },
  { Client: Toyec2Client, protocol: new AwsEc2QueryProtocol(toySettings(EC2)) },
];

let directory: string;
let listening: Listening;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'slipway-toys-'));
  const config = readConfig(['--port', '0', '--data', directory, '--executor', 'process'], {
    ...{ PATH: process.env.PATH, SLIPWAY_CHECK_OUTPUTS: '1', SLIPWAY_LOG_LEVEL: 'silent' },
  });
  const registry = { iam: SERVICES.iam, sts: SERVICES.sts, ...TOYS };
  const services = Object.values(registry).flatMap((line) => (line ? [line()] : []));
  listening = await listen(config, {
    services: await Promise.all(services),
    contracts: join(import.meta.dirname, 'contracts'),
  });
});
afterAll(async () => {
  await listening?.close();
  rmSync(directory, { recursive: true, force: true });
});

describe.each(CASES)('$Client.name by $protocol.constructor.name', ({ Client, protocol }) => {
  const put = async (input: Thing, credentials: object = listening.server.rootKey) => {
    const at = { endpoint: listening.endpoint, region: 'us-east-1', maxAttempts: 1 };
    const client = new Client({ ...at, credentials, protocol } as never);
    try {
      const { $metadata: _, ...output } = await client.send(new PutThingCommand(input) as never);
      return output as Thing;
    } finally {
      client.destroy();
    }
  };

  test('is answered', async () => {
    const input = { name: 'a', number: 1, colour: 'red', list: ['b', 'c'], tag: 'd' };
    const { colour, list, tag } = await put(input);
    expect({ colour, list, tag }).toEqual({ colour: 'red', list: ['b', 'c'], tag: 'd' });
  });

  test('gets the errors of its model', async () => {
    const found = put({ name: 'none', number: 1 });
    await expect(found).rejects.toMatchObject({ name: 'NoSuchThing', message: 'There is none.' });
  });

  test('is refused what its contract does not have', async () => {
    await expect(put({ name: 'too-long-a-name', number: 1 })).rejects.toMatchObject({
      message: expect.stringContaining('Member must have length less than or equal to 8'),
    });
  });

  test('is refused without the right key', async () => {
    const wrong = { ...listening.server.rootKey, secretAccessKey: 'wrong' };
    const thrown = await put({ name: 'a', number: 1 }, wrong).catch((error) => error);
    expect(thrown.message).toMatch(/^The request signature we calculated does not match/);
  });

  test('fails where its operation answers what its model does not have', async () => {
    await expect(put({ name: 'a', number: 1, colour: 'blue' })).rejects.toMatchObject({
      $metadata: { httpStatusCode: 500 },
    });
  });
});
