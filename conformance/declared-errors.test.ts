import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BUILT, callAny, SERVICE_NAMES } from './any-call.ts';
import { inputsOf } from './hostile-input.ts';
import { type ServerInside, startInside } from './inside.ts';
import { makeKnown } from './known.ts';

/** Inputs to each operation; the same ones each time, for what fails once must fail until it is mended. */
const INPUTS = { numRuns: 60, seed: 1 };

/** What any operation may answer (each service's page "Common Errors"): by JSON, and by Query. */
const COMMON = [
  ...['AccessDeniedException', 'ValidationException', 'SerializationException', 'NotImplemented'],
  ...['AccessDenied', 'ValidationError', 'InvalidParameterValue', 'MalformedInput'],
  // Of the common errors of APIs that speak Query.
  'InvalidParameterCombination',
  // A part of a REST path that is empty names another operation, or none.
  'UnknownOperationException',
  // What SQS calls InvalidParameterValue and MissingParameter since it speaks JSON.
  ...['InvalidParameterValueException', 'MissingRequiredParameterException'],
];

/** Further errors, with the reason. */
const UNDECLARED: Record<string, string[]> = {
  // It takes grant tokens, and all other operations that do declare it.
  DescribeKey: ['InvalidGrantTokenException'],
  // What CloudWatch Logs calls the breach of a constraint; these two do not declare it.
  ListTagsLogGroup: ['InvalidParameterException'],
  UntagLogGroup: ['InvalidParameterException'],
  // The API reference has them, the model has not.
  DeleteDashboards: ['DashboardNotFoundError'],
  PutDashboard: ['InvalidParameterValueException'],
};

/** S3's model declares next to none of its errors, EC2's none; the other has no client whose types say them. */
const NONE = ['s3', 'ec2', 'codestar-notifications'];
const SERVICES = SERVICE_NAMES.filter((name) => !NONE.includes(name));
/** Client packages that are not called as the folder is. */
const PACKAGES: Record<string, string> = {
  autoscaling: 'auto-scaling',
  codeconnections: 'codestar-connections',
  elb: 'elastic-load-balancing',
  elasticbeanstalk: 'elastic-beanstalk',
  elbv2: 'elastic-load-balancing-v2',
  events: 'eventbridge',
  logs: 'cloudwatch-logs',
  secretsmanager: 'secrets-manager',
};

const require = createRequire(import.meta.url);

/** The errors that an operation declares: the SDK's types say them. Undefined for one that is not public. */
function declared(service: string, operation: string): Set<string> | undefined {
  const client = `@aws-sdk/client-${PACKAGES[service] ?? service}`;
  const root = dirname(require.resolve(`${client}/package.json`));
  const file = join(root, 'dist-types', 'commands', `${operation}Command.d.ts`);
  if (!existsSync(file)) return undefined;
  const text = readFileSync(file, 'utf8');
  return new Set([...text.matchAll(/@throws \{@link (\w+)\}/g)].map(([, name = '']) => name));
}

let server: ServerInside;
let known: Record<string, string>;
beforeAll(async () => {
  server = await startInside('--auth', 'relaxed');
  known = await makeKnown(server, server);
});
afterAll(() => server?.stop());

test.each(SERVICES)(
  'operations of %s fail with errors that they declare',
  { timeout: 300_000 },
  async (service) => {
    const found: string[] = [];
    for (const { api, name, schema } of BUILT.filter((one) => one.service === service)) {
      const named = declared(service, name);
      if (!named) continue;
      const allowed = new Set([...COMMON, ...named, ...(UNDECLARED[name] ?? [])]);
      const inputs = inputsOf(schema, { api: api.contract ?? api.name, known, anyType: false });
      await fc.assert(
        fc.asyncProperty(inputs, async (input) => {
          const { status, code } = await callAny(server, server, api, name, input);
          if (status >= 400 && !allowed.has(code)) found.push(`${name}: ${code}`);
        }),
        INPUTS,
      );
    }
    expect([...new Set(found)].sort()).toEqual([]);
  },
);
