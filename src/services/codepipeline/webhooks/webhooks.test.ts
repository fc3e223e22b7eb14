import { createHmac } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  CodePipelineClient,
  CreateCustomActionTypeCommand,
  CreatePipelineCommand,
  DeletePipelineCommand,
  DeleteWebhookCommand,
  DeregisterWebhookWithThirdPartyCommand,
  ListPipelineExecutionsCommand,
  ListTagsForResourceCommand,
  type ListWebhookItem,
  ListWebhooksCommand,
  PutWebhookCommand,
  RegisterWebhookWithThirdPartyCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdatePipelineCommand,
  type WebhookDefinition,
} from '@aws-sdk/client-codepipeline';
import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { eachDialect } from '../../../db/testing.ts';
import { ACCOUNT, type World, world } from '../../../testing.ts';
import service from '../index.ts';
import { approval, stage } from '../model/testing.ts';
import { webhookRoute } from '../routes/webhook.ts';

const roleArn = `arn:aws:iam::${ACCOUNT}:role/pipeline`;
const counts = { minimumCount: 0, maximumCount: 5 };

eachDialect('webhooks', (makeDatabase) => {
  let server: World;
  let pipelines: CodePipelineClient;

  beforeEach(async () => {
    server = await world(makeDatabase, [service]);
    pipelines = server.client(CodePipelineClient);
    const Statement = {
      ...{ Effect: 'Allow', Action: 'sts:AssumeRole' },
      Principal: { Service: 'codepipeline.amazonaws.com' },
    };
    const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
    const role = { RoleName: 'pipeline', AssumeRolePolicyDocument };
    await server.client(IAMClient).send(new CreateRoleCommand(role));
    const property = (name: string, secret = false) => ({
      ...{ name, required: true, key: false, secret },
    });
    await pipelines.send(
      new CreateCustomActionTypeCommand({
        ...{ category: 'Source', provider: 'Host', version: '1' },
        ...{ inputArtifactDetails: counts, outputArtifactDetails: counts },
        configurationProperties: [property('Branch'), property('Token', true)],
      }),
    );
    await pipelines.send(
      new CreatePipelineCommand({
        pipeline: {
          name: 'p',
          roleArn,
          artifactStore: { type: 'S3', location: 'artifacts' },
          stages: [
            stage('Source', {
              name: 'Fetch',
              actionTypeId: { category: 'Source', owner: 'Custom', provider: 'Host', version: '1' },
              configuration: { Branch: 'main', Token: 'sesame' },
            }),
            stage('Go', approval()),
          ] as never,
        },
      }),
    );
  });

  afterEach(() => {
    expect(server.failures).toEqual([]);
  });

  const definition = (more: Partial<WebhookDefinition> = {}): WebhookDefinition => ({
    ...{ name: 'hook', targetPipeline: 'p', targetAction: 'Fetch' },
    filters: [{ jsonPath: '$.ref', matchEquals: 'refs/heads/{Branch}' }],
    authentication: 'GITHUB_HMAC',
    authenticationConfiguration: { SecretToken: 'open' },
    ...more,
  });
  const open = { authentication: 'UNAUTHENTICATED', authenticationConfiguration: {} } as const;
  const put = async (
    more: Partial<WebhookDefinition> = {},
    tags?: { key: string; value: string }[],
  ) =>
    (await pipelines.send(new PutWebhookCommand({ webhook: definition(more), tags })))
      .webhook as ListWebhookItem;
  const list = async () => (await pipelines.send(new ListWebhooksCommand({}))).webhooks ?? [];

  /** A request as it comes in from outside. @returns its status, 0 for one that was answered with an error */
  async function post(
    { url = '' }: ListWebhookItem,
    body: string | object,
    headers: Record<string, string> = {},
    remoteAddress = '192.0.2.1',
  ): Promise<number> {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const path = new URL(url).pathname;
    const request = { method: 'POST', path, query: '', headers, remoteAddress };
    const answer = webhookRoute.handle(server.platform as never, {
      request: { ...request, body: Readable.from([Buffer.from(text)]) } as never,
      labels: { address: path.split('/').at(-1) ?? '' },
      subject: undefined,
      tell: () => {},
    });
    return answer.then(
      ({ status }) => status,
      (error) => error.status ?? error,
    );
  }

  const executions = async () =>
    (await pipelines.send(new ListPipelineExecutionsCommand({ pipelineName: 'p' })))
      .pipelineExecutionSummaries ?? [];

  const signed = (body: string, secret = 'open', algorithm = 'sha256') => ({
    [algorithm === 'sha256' ? 'x-hub-signature-256' : 'x-hub-signature']:
      `${algorithm}=${createHmac(algorithm, secret).update(body).digest('hex')}`,
  });
  const push = JSON.stringify({ ref: 'refs/heads/main' });

  it('CP-C44: keeps its URL when it is put again, and has another one once it was deleted', async () => {
    const first = await put();
    expect(first.url).toMatch(/^http:\/\/.+\/_slipway\/codepipeline\/webhooks\/[\w-]{43}$/);
    expect(first.arn).toMatch(/:codepipeline:.*:111111111111:webhook:hook$/);
    expect(first.definition?.authenticationConfiguration).toEqual({ SecretToken: '****' });
    expect((await put({ filters: [] })).url).toBe(first.url);
    expect(await list()).toMatchObject([{ url: first.url, definition: { filters: [] } }]);
    for (const _ of [1, 2]) await pipelines.send(new DeleteWebhookCommand({ name: 'hook' }));
    expect(await list()).toEqual([]);
    expect(await post(first, push, signed(push))).toBe(404);
    expect((await put()).url).not.toBe(first.url);
  });

  it('CP-C45: GITHUB_HMAC takes what is signed with the secret', async () => {
    const hook = await put();
    expect(await post(hook, push)).toBe(403);
    expect(await post(hook, push, signed(push, 'other'))).toBe(403);
    expect(await post(hook, `${push} `, signed(push))).toBe(403);
    // The weaker one does not count beside the stronger.
    expect(
      await post(hook, push, { ...signed(push, 'open', 'sha1'), ...signed(push, 'other') }),
    ).toBe(403);
    expect(await list()).toMatchObject([
      { errorCode: '403', errorMessage: expect.stringContaining('signature') },
    ]);
    expect(await executions()).toHaveLength(1);
    expect(await post(hook, push, signed(push))).toBe(200);
    expect(await post(hook, push, signed(push, 'open', 'sha1'))).toBe(200);
    const form = `payload=${encodeURIComponent(push)}`;
    const type = { 'content-type': 'application/x-www-form-urlencoded' };
    expect(await post(hook, form, { ...signed(form), ...type })).toBe(200);
    const [latest, ...others] = await executions();
    expect(others).toHaveLength(3);
    expect(latest?.trigger).toEqual({ triggerType: 'Webhook', triggerDetail: hook.arn });
    const [shown] = await list();
    expect(shown?.lastTriggered).toEqual(server.clock.now());
    expect(shown?.errorCode).toBeUndefined();
  });

  it('CP-A45: a mask that comes back keeps the secret, and is none where there is no secret', async () => {
    const masked = put({ authenticationConfiguration: { SecretToken: '****' } });
    await expect(masked).rejects.toMatchObject({
      name: 'InvalidWebhookAuthenticationParametersException',
    });
    await put();
    const hook = await put({ authenticationConfiguration: { SecretToken: '****' } });
    expect(await post(hook, push, signed(push))).toBe(200);
  });

  it('CP-C45: IP takes what comes from the range', async () => {
    const hook = await put({
      authentication: 'IP',
      authenticationConfiguration: { AllowedIPRange: '192.0.2.0/24' },
    });
    expect(await post(hook, push, {}, '198.51.100.1')).toBe(403);
    expect(await post(hook, push, {}, '2001:db8::1')).toBe(403);
    expect(await post(hook, push, {}, '192.0.2.77')).toBe(200);
    expect(await post(hook, push, {}, '::ffff:192.0.2.78')).toBe(200);
  });

  it('CP-C46: all filters must match, or nothing happens', async () => {
    const hook = await put({
      ...open,
      filters: [
        { jsonPath: '$.ref', matchEquals: 'refs/heads/{Branch}' },
        { jsonPath: '$.commits[*].id' },
      ],
    });
    const commits = [{ id: 'a' }];
    for (const body of [
      { ref: 'refs/heads/main' },
      { ref: 'refs/heads/other', commits },
      { ref: 'refs/heads/{Branch}', commits },
      { ref: ['refs/heads/main'], commits },
      [],
    ])
      expect(await post(hook, body)).toBe(200);
    expect(await executions()).toHaveLength(1);
    expect(await post(hook, { ref: 'refs/heads/main', commits })).toBe(200);
    expect(await executions()).toHaveLength(2);
  });

  it('no filter finds out a secret of the action', async () => {
    const hook = await put({
      ...open,
      filters: [{ jsonPath: '$.a', matchEquals: '{Token}' }],
    });
    expect(await post(hook, { a: 'sesame' })).toBe(200);
    expect(await executions()).toHaveLength(1);
  });

  it('refuses what is no JSON, or too long', async () => {
    const hook = await put(open);
    for (const body of ['', '{', 'ref=main', '\0']) expect(await post(hook, body)).toBe(400);
    expect(await post(hook, 'x'.repeat(5 * 1024 ** 2 + 1))).toBe(413);
    expect((await list())[0]).toMatchObject({ errorCode: '413' });
    await pipelines.send(new DeletePipelineCommand({ name: 'p' }));
    expect(await post(hook, push)).toBe(404);
  });

  it.each([
    ['a path that is none', { filters: [{ jsonPath: '$[' }] }, 'InvalidWebhookFilterPattern'],
    [
      'a secret that is missing',
      { authenticationConfiguration: {} },
      'InvalidWebhookAuthenticationParameters',
    ],
    [
      'a property too many',
      { authentication: 'UNAUTHENTICATED' as const },
      'InvalidWebhookAuthenticationParameters',
    ],
    [
      'a range that is none',
      {
        authentication: 'IP' as const,
        authenticationConfiguration: { AllowedIPRange: '1.2.3.4/99' },
      },
      'InvalidWebhookAuthenticationParameters',
    ],
    ['a pipeline that is not there', { targetPipeline: 'q' }, 'PipelineNotFound'],
    ['an action of a later stage', { targetAction: 'Approve' }, 'Validation'],
  ])('refuses %s', async (_, more, code) => {
    await expect(put(more)).rejects.toMatchObject({ name: `${code}Exception` });
  });

  it('says what it does not do', async () => {
    await expect(put({ filters: [{ jsonPath: '$.a[?(@.b)]' }] })).rejects.toMatchObject({
      name: 'NotImplemented',
    });
  });

  it('CP-C47: only GitHub is asked to call', async () => {
    await put();
    for (const Command of [
      RegisterWebhookWithThirdPartyCommand,
      DeregisterWebhookWithThirdPartyCommand,
    ]) {
      const ask = (webhookName?: string) =>
        pipelines.send(new Command({ webhookName }) as RegisterWebhookWithThirdPartyCommand);
      await expect(ask('other')).rejects.toMatchObject({ name: 'WebhookNotFoundException' });
      await expect(ask('hook')).rejects.toMatchObject({ name: 'ValidationException' });
      await expect(ask()).rejects.toMatchObject({ name: 'ValidationException' });
    }
  });

  it('CP-C47: GitHub is told with the token of the source action, once, and told to forget it', async () => {
    const actionTypeId = {
      category: 'Source',
      owner: 'ThirdParty',
      provider: 'GitHub',
      version: '1',
    };
    const configuration = { Owner: 'me', Repo: 'app', Branch: 'main', OAuthToken: 'open sesame' };
    const outputArtifacts = [{ name: 'Code' }];
    const fetch = { name: 'Fetch', actionTypeId, configuration, outputArtifacts };
    const go = stage('Go', approval());
    const stages = [stage('Source', fetch), go] as never;
    const artifactStore = { type: 'S3', location: 'artifacts' } as const;
    await pipelines.send(
      new CreatePipelineCommand({ pipeline: { name: 'hub', roleArn, artifactStore, stages } }),
    );
    const { url } = await put({ targetPipeline: 'hub' });
    let hooks: { id: number; config: object }[] = [
      { id: 7, config: { url: 'https://other.invalid' } },
    ];
    const sent: { method: string; url: string; headers?: Record<string, string>; body?: string }[] =
      [];
    let status = 200;
    const outbound = {
      async send(request: (typeof sent)[number]) {
        sent.push(request);
        if (status === 200 && request.method === 'POST')
          hooks.push({ id: 8, ...JSON.parse(request.body ?? '') });
        if (request.method === 'DELETE')
          hooks = hooks.filter(({ id }) => !request.url.endsWith(`/${id}`));
        return { status, headers: {}, body: Buffer.from(JSON.stringify(hooks)) };
      },
    };
    Object.assign(server.platform, { outbound });
    const webhookName = 'hook';
    const register = () =>
      pipelines.send(new RegisterWebhookWithThirdPartyCommand({ webhookName }));
    await register();
    await register();
    const made = sent.filter(({ method }) => method === 'POST');
    expect(made).toHaveLength(1);
    expect(made[0]).toMatchObject({
      url: 'https://api.github.com/repos/me/app/hooks',
      headers: { authorization: 'Bearer open sesame' },
    });
    expect(JSON.parse(made[0]?.body ?? '')).toEqual({
      ...{ name: 'web', active: true, events: ['push'] },
      config: { url, content_type: 'json', secret: 'open' },
    });
    status = 404;
    const refused = { name: 'ValidationException', message: expect.stringContaining('404') };
    await expect(register()).rejects.toMatchObject(refused);
    status = 200;
    await pipelines.send(new DeregisterWebhookWithThirdPartyCommand({ webhookName }));
    const action = { ...fetch, configuration: { ...configuration, Owner: '..', Repo: '..' } };
    const dots = [stage('Source', action), go] as never;
    const pipeline = { name: 'hub', roleArn, artifactStore, stages: dots };
    await pipelines.send(new UpdatePipelineCommand({ pipeline }));
    const before = sent.length;
    await expect(register()).rejects.toMatchObject({ name: 'ValidationException' });
    expect(sent).toHaveLength(before);
    expect(hooks.map(({ id }) => id)).toEqual([7]);
  });

  it('has tags', async () => {
    const { arn: resourceArn } = await put({}, [{ key: 'a', value: '1' }]);
    await pipelines.send(new TagResourceCommand({ resourceArn, tags: [{ key: 'b', value: '2' }] }));
    await pipelines.send(new UntagResourceCommand({ resourceArn, tagKeys: ['a'] }));
    const { tags } = await pipelines.send(new ListTagsForResourceCommand({ resourceArn }));
    expect(tags).toEqual([{ key: 'b', value: '2' }]);
    expect((await put()).tags).toEqual([{ key: 'b', value: '2' }]);
    await expect(put({}, [{ key: 'aws:x', value: '' }])).rejects.toMatchObject({
      name: 'InvalidTagsException',
    });
    const many = Array.from({ length: 51 }, (_, i) => ({ key: `${i}`, value: '' }));
    await expect(put({}, many)).rejects.toMatchObject({ name: 'TooManyTagsException' });
    await expect(
      pipelines.send(new ListTagsForResourceCommand({ resourceArn: `${resourceArn}x` })),
    ).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it('CP-A22: an account has 300', async () => {
    for (let i = 0; i < 300; i++) await put({ ...open, name: `h${i}` });
    await expect(put(open)).rejects.toMatchObject({ name: 'LimitExceededException' });
    await put({ ...open, name: 'h0' });
    const first = await pipelines.send(new ListWebhooksCommand({ MaxResults: 7 }));
    const { webhooks } = await pipelines.send(
      new ListWebhooksCommand({ MaxResults: 7, NextToken: first.NextToken }),
    );
    expect(new Set([...(first.webhooks ?? []), ...(webhooks ?? [])].map((w) => w.url)).size).toBe(
      14,
    );
    await expect(pipelines.send(new ListWebhooksCommand({ NextToken: 'x' }))).rejects.toMatchObject(
      { name: 'InvalidNextTokenException' },
    );
  });
});
