import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NormalizedSchema } from '@smithy/core/schema';
import { expect, test } from 'vitest';
import { BUILT, SERVICE_NAMES } from './any-call.ts';

// What a caller may say and no service reads would be dropped in silence. Members are looked for by name in all sources
// of the service: a member that another operation reads is not found out.

/** Members that change nothing here. Whoever adds a line says why. */
const HARMLESS: Record<string, string> = {
  's3:RequestPayer': 'the requester never pays',
  's3:ConfirmRemoveSelfBucketAccess':
    'no policy is refused for shutting out its author; the root gets it back',
  's3:AnnotationDirective': 'objects have no annotations',
  's3:OptionalObjectAttributes': 'nothing is restored from an archive',
  's3:SkipDestinationValidation': 'EventBridge is the only destination, and none to validate',
  's3:ContentMD5': 'authentication compares it with the body',
  ...Object.fromEntries(
    ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256', 'SHA512', 'MD5', 'XXHASH64', 'XXHASH3']
      .concat('XXHASH128')
      .map((name) => [`s3:Checksum${name}`, 'read by the name of the algorithm']),
  ),
  'secretsmanager:ForceOverwriteReplicaSecret': 'replicas are refused',
  'logs:interleaved': 'deprecated: AWS ignores it as well',
  'logs:entity': 'nothing shows entities',
  'codedeploy:NextToken': 'a resource has 50 tags at most, which are one page',
  'codedeploy:EstimatedCompletionTime': 'an agent says it, and nobody is told',
  'codepipeline:regionFilter': 'action types are the same in every region',
  'service-quotas:SupportCaseAllowed': 'there are no support cases',
};

function sourcesIn(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !/(\.test|testing)\.ts$/.test(name))
    .map((name) => readFileSync(join(directory, name), 'utf8'));
}

/** `service:Member` of what the inputs of the service's operations have and its sources do not name. */
function unread(service: string): string[] {
  const sources = sourcesIn(join(import.meta.dirname, '..', 'src', 'services', service));
  const words = new Set(sources.flatMap((text) => text.match(/\w+/g) ?? []));
  const members = BUILT.filter((built) => built.service === service).flatMap(({ schema }) => {
    const input = NormalizedSchema.of(schema as never);
    return input.isStructSchema() ? Object.keys(input.getMemberSchemas()) : [];
  });
  return [...new Set(members)]
    .filter((name) => !words.has(name))
    .map((name) => `${service}:${name}`);
}

test.each(SERVICE_NAMES)(
  '%s reads, refuses or knows as harmless whatever it is told',
  (service) => {
    const harmless = Object.keys(HARMLESS).filter((name) => name.startsWith(`${service}:`));
    expect(unread(service).sort()).toEqual(harmless.sort());
  },
);
