import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type AgentOptions, runAgent } from './agent.ts';

import { makeLayout } from './layout.ts';
import { CommandError } from './signed-call.ts';
import { temporaryDirectory } from './testing.ts';
import { interruptedCommands, track } from './tracker.ts';

/** An agent with a server of these answers. */
function agent(client: Partial<AgentOptions['client']>) {
  const layout = makeLayout(temporaryDirectory());
  const end = new AbortController();
  const said: string[] = [];
  const options = {
    ...{ layout, client, signal: end.signal, hostIdentifier: 'host', env: {} },
    trust: { anchors: async () => [], remedy: '' },
    info: (message: string) => void said.push(message),
    warn: (message: string) => void said.push(message),
  } as unknown as AgentOptions;
  return { layout, end, said, run: () => runAgent(options) };
}

test('CD-AGT-13: what was interrupted is reported by the next start when the server was away until this one was told to end', async () => {
  const { layout, end, run } = agent({
    async putHostCommandComplete() {
      end.abort();
      throw new Error('connect ECONNREFUSED');
    },
  });
  await track(layout, 'd-AAAAAAAAA', 'command-1');
  await run();
  expect(await interruptedCommands(layout)).toMatchObject([{ identifier: 'command-1' }]);
});

test('CD-AGT-13: what the server does not want to hear of is not said twice', async () => {
  const { layout, end, run } = agent({
    async putHostCommandComplete() {
      throw new CommandError('ValidationException', 'no such command', 400);
    },
    async pollHostCommand() {
      end.abort();
      return {};
    },
  });
  await track(layout, 'd-AAAAAAAAA', 'command-1');
  expect(readFileSync(join(layout.ongoing, 'd-AAAAAAAAA'), 'utf8')).toBe('command-1');
  await run();
  expect(existsSync(join(layout.ongoing, 'd-AAAAAAAAA'))).toBe(false);
});

const WILD: unknown[] = [
  null,
  1,
  'text',
  [],
  [[]],
  { toString: 1 },
  { length: 1e9 },
  { __proto__: null, x: 1 },
];
const wildCommands = [
  ...WILD,
  ...WILD.flatMap((value) =>
    ['HostCommandIdentifier', 'CommandName', 'DeploymentExecutionId', 'HostIdentifier'].map(
      (member) => ({ CommandName: 'Install', [member]: value }),
    ),
  ),
];

test('answers of whatever shape end no agent', async () => {
  const specifications = [
    ...WILD,
    ...WILD.map((value) => ({ DeploymentSystem: 'CodeDeploy', DeploymentSpecification: value })),
    ...WILD.map((value) => ({
      DeploymentSystem: 'CodeDeploy',
      DeploymentSpecification: { GenericEnvelope: { Format: 'PKCS7/JSON', Payload: value } },
    })),
  ];
  const polls = [
    ...WILD.map((value) => [value, {}]),
    ...wildCommands.map((HostCommand) => [{ HostCommand }, {}]),
    ...specifications.map((said) => [{ HostCommand: { CommandName: 'Install' } }, said]),
  ];
  const ends = polls.map(async ([poll, said]) => {
    const { end, run } = agent({
      async pollHostCommand() {
        end.abort();
        return poll as never;
      },
      getDeploymentSpecification: async () =>
        Object.assign(said ?? {}, { invocationId: 'i' }) as never,
      putHostCommandAcknowledgement: async () => null as never,
      putHostCommandComplete: async () => ({}),
    });
    await run();
  });
  await Promise.all(ends);
  expect(ends.length).toBeGreaterThan(60);
});

test('a server that offers what fails at once is not asked without a break, and writes no lines of its own into the log', async () => {
  let polls = 0;
  const { end, said, run } = agent({
    async pollHostCommand() {
      polls += 1;
      if (polls === 2) end.abort();
      const DeploymentExecutionId = 'x:d-1\n2030-01-01 INFO forged\u001b[2J';
      return { HostCommand: { CommandName: 'Install\nforged', DeploymentExecutionId } };
    },
    async getDeploymentSpecification() {
      return { invocationId: randomUUID(), DeploymentSystem: 'Another' };
    },
    putHostCommandComplete: async () => ({}),
  });
  const began = Date.now();
  await run();
  expect(polls).toBe(2);
  expect(Date.now() - began).toBeGreaterThan(900);
  expect([...said.join('')].filter((character) => character < ' ')).toEqual([]);
});
