import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { startServer, type TestServer } from '../conformance/server.ts';
import { compilePattern } from '../src/kit/event-pattern/compile.ts';
import { type Load, load } from './load.ts';
import { jsonCall, signerOf } from './signed.ts';

const RULES = 500;
/** AWS's default is 300 a bus. */
const QUOTAS = `events/L-244521F2=${RULES}`;
const AIM = 2000;
const ENTRIES = 10;
const WARM_UP_MS = 1000;
const MEASURE_MS = 3000;
const ROUNDS = 3;

/** Patterns as people write them: of a few services, by state, by name, by prefix and by number. */
const patternOf = (n: number) =>
  JSON.stringify({
    source: [n % 5 === 0 ? 'my.app' : `my.app${n % 7}`],
    'detail-type': [{ prefix: 'Build' }],
    detail: {
      state: ['FAILED', { prefix: `STOP${n}` }],
      project: [{ 'anything-but': [`p${n}`, `q${n}`] }, { wildcard: `*-${n}-*` }],
      seconds: [{ numeric: ['>', n, '<=', n + 10] }],
    },
  });

const DETAIL = { state: 'FAILED', project: 'p', seconds: -1, build: 'p:1', phases: [1, 2, 3] };

/** Events that pass by rules, beside events where there are none; and the look itself, beside reading an event's JSON. */
export async function benchEvents(): Promise<string[]> {
  const server = await startServer({ flags: ['--quotas', QUOTAS] });
  try {
    return [...matching(), ...(await putting(server))];
  } finally {
    await server.stop();
  }
}

function matching(): string[] {
  const matchers = Array.from({ length: RULES }, (_, n) => compilePattern(patternOf(n)));
  const event = { source: 'my.app', 'detail-type': 'Build State Change', detail: DETAIL };
  const text = JSON.stringify(event);
  const look = perSecond(() => {
    for (const matches of matchers) if (matches(event)) throw new Error('It matches');
  });
  const parse = perSecond(() => JSON.parse(text));
  return [
    `the look at ${RULES} rules: ${Math.round(look)} events/s (aim ${AIM}), JSON.parse of an event: ${Math.round(parse)}/s, ratio ${(parse / look).toFixed(1)}`,
  ];
}

function perSecond(work: () => void): number {
  let count = 0;
  const until = performance.now() + MEASURE_MS;
  const started = performance.now();
  while (performance.now() < until) {
    for (let n = 0; n < 100; n += 1) work();
    count += 100;
  }
  return (count * 1000) / (performance.now() - started);
}

async function putting(server: TestServer): Promise<string[]> {
  const without = await measure(server);
  const client = new EventBridgeClient(server.client);
  const Arn = `arn:aws:sqs:${server.region}:${server.accountId}:none`;

  for (let n = 0; n < RULES; n += 1) {
    await client.send(new PutRuleCommand({ Name: `r${n}`, EventPattern: patternOf(n) }));
    await client.send(new PutTargetsCommand({ Rule: `r${n}`, Targets: [{ Id: '1', Arn }] }));
  }
  const among = await measure(server);
  const events = (of: Load) => Math.round(of.perSecond * ENTRIES);
  return [
    `PutEvents, ${ENTRIES} a call, past ${RULES} rules: ${events(among)} events/s (aim ${AIM}), past none: ${events(without)}, ratio ${(among.perSecond / without.perSecond).toFixed(2)}`,
  ];
}

async function measure(server: TestServer): Promise<Load> {
  const sign = signerOf(server, 'events');
  const entry = {
    ...{ Source: 'my.app', DetailType: 'Build State Change', Detail: JSON.stringify(DETAIL) },
  };
  const Entries = Array.from({ length: ENTRIES }, () => entry);
  const request = await sign(jsonCall('AWSEvents.PutEvents', { Entries }));
  const port = Number(new URL(server.endpoint).port);
  let best: Load | undefined;
  for (let round = 0; round < ROUNDS; round += 1) {
    await load(port, request, 1, WARM_UP_MS / ROUNDS);
    const measured = await load(port, request, 1, MEASURE_MS / ROUNDS);
    if (measured.failures > 0) throw new Error('PutEvents failed');
    if (!best || measured.perSecond > best.perSecond) best = measured;
  }
  if (!best) throw new Error('nothing was measured');
  return best;
}
