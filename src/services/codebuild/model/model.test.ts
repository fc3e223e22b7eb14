import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { artifactKey } from './artifacts.ts';
import { endPhase } from './build-state.ts';
import type { ArtifactSpec } from './buildspec-artifacts.ts';
import { secretReference } from './environment.ts';
import { mask, maskedTexts, readyBytes } from './mask.ts';
import { nextPhase, PHASES } from './phases.ts';

describe('CB-A25: the phase after a phase', () => {
  test.each([
    ['PROVISIONING', 'FAILED', undefined, 'FINALIZING'],
    ['DOWNLOAD_SOURCE', 'FAILED', undefined, 'FINALIZING'],
    ['INSTALL', 'FAILED', undefined, 'FINALIZING'],
    ['INSTALL', 'FAILED', 'continue', 'PRE_BUILD'],
    ['PRE_BUILD', 'FAILED', 'abort', 'FINALIZING'],
    ['BUILD', 'FAILED', undefined, 'POST_BUILD'],
    ['BUILD', 'FAILED', 'continue', 'POST_BUILD'],
    ['BUILD', 'FAILED', 'abort', 'UPLOAD_ARTIFACTS'],
    ['POST_BUILD', 'FAILED', undefined, 'UPLOAD_ARTIFACTS'],
    ['UPLOAD_ARTIFACTS', 'FAILED', undefined, 'FINALIZING'],
    ['BUILD', 'STOPPED', undefined, 'FINALIZING'],
    ['BUILD', 'TIMED_OUT', undefined, 'FINALIZING'],
    ['FINALIZING', 'FAILED', undefined, 'COMPLETED'],
  ] as const)('%s %s %s: %s', (phase, status, kind, wanted) => {
    expect(nextPhase(phase, status, kind && { kind })).toBe(wanted);
  });

  test('every way ends in COMPLETED, with all phases in their order', () => {
    const status = fc.constantFrom('SUCCEEDED', 'FAILED', 'FAULT', 'STOPPED', 'TIMED_OUT');
    const kind = fc.constantFrom('default', 'abort', 'continue');
    fc.assert(
      fc.property(fc.array(fc.tuple(status, kind), { minLength: 12, maxLength: 12 }), (ends) => {
        let build = {
          currentPhase: 'QUEUED',
          phases: [{ phaseType: 'QUEUED' as const, startTime: new Date(0) }],
        } as Parameters<typeof endPhase>[0];
        for (const [index, [phaseStatus, onFailure]] of ends.entries()) {
          if (build.buildComplete) break;
          build = endPhase(build, {
            status: phaseStatus as 'FAILED',
            at: new Date(index),
            onFailure: { kind: onFailure as 'abort' },
          }).build;
        }
        expect(build.buildComplete).toBe(true);
        const order = (build.phases ?? []).map(({ phaseType }) =>
          PHASES.indexOf(phaseType as 'BUILD'),
        );
        expect(order).toEqual([...order].sort((a, b) => a - b));
        const all = (build.phases ?? [])
          .slice(0, -1)
          .every((phase) => phase.phaseStatus === 'SUCCEEDED');
        expect(build.buildStatus === 'SUCCEEDED').toBe(all);
      }),
    );
  });
});

test.each([
  ['name', { kind: 'secret', secretId: 'name' }],
  ['name:key', { kind: 'secret', secretId: 'name', jsonKey: 'key' }],
  [
    'name:key:AWSPREVIOUS:v1',
    { kind: 'secret', secretId: 'name', jsonKey: 'key', stage: 'AWSPREVIOUS', versionId: 'v1' },
  ],
  ['name:::v1', { kind: 'secret', secretId: 'name', versionId: 'v1' }],
  [
    'arn:aws:secretsmanager:r:1:secret:n-abc:key',
    { kind: 'secret', secretId: 'arn:aws:secretsmanager:r:1:secret:n-abc', jsonKey: 'key' },
  ],
])('CB-A9: the secret %s', (text, wanted) => expect(secretReference(text)).toEqual(wanted));

describe('CB-A12: masking', () => {
  test("leaves the server's own words alone, and short texts in its own lines", () => {
    const at = '[Container] 2026/11/26 14:00:01 ';
    const shown = [
      `${at}Entering phase BUILD`,
      `${at}Running command echo ***`,
      `BUI*** on ***6`,
      `${at}Phase complete: BUILD State: SUCCEEDED`,
      `${at}Phase context status code:  Message: `,
      `x***`,
      '',
    ].join('\n');
    const text = shown.replace('echo ***', 'echo phase').replace('BUI***', 'BUILD');
    const printed = text.replace('on ***6', 'on 26').replace('x***', 'x2');
    expect(mask(printed, maskedTexts(['phase', '2', 'BUILD State', 'LD']))).toBe(shown);
  });

  test('values, their lines, and ids of access keys', () => {
    const texts = maskedTexts(['s3cret', 'line one\nline two', '']);
    expect(mask('a s3cret, line one; AKIAIOSFODNN7EXAMPLE line two\n', texts)).toBe(
      'a ***, ***; *** ***\n',
    );
  });

  test('a secret never shows, however the output is cut', () => {
    const secret = 'top-secret-value';
    const texts = maskedTexts([secret]);
    const filler = 'x'.repeat(210 * 1024);
    fc.assert(
      fc.property(
        fc.nat(300),
        fc.array(fc.integer({ min: 1, max: 120_000 }), { maxLength: 8 }),
        (shift, cuts) => {
          const whole = Buffer.from(
            `${filler.slice(0, filler.length - shift)}${secret}é${filler}\n${secret}`,
          );
          let shown = '';
          let buffer = Buffer.alloc(0);
          let rest = whole;
          const flush = (last: boolean) => {
            const size = readyBytes(buffer, texts, last);
            shown += mask(buffer.subarray(0, size).toString('utf8'), texts);
            buffer = buffer.subarray(size);
          };
          for (const cut of [...cuts, whole.length]) {
            buffer = Buffer.concat([buffer, rest.subarray(0, cut)]);
            rest = rest.subarray(cut);
            flush(false);
          }
          flush(true);
          expect(shown).toBe(whole.toString('utf8').replaceAll(secret, '***'));
        },
      ),
      { numRuns: 30 },
    );
  });
});

const spec = (more: Partial<ArtifactSpec>): ArtifactSpec => ({
  files: ['**/*'],
  discardPaths: false,
  excludePaths: [],
  enableSymlinks: false,
  ...more,
});

test.each([
  [{ path: 'p', name: 'x.zip' }, 'p/x.zip'],
  [{ path: 'p', name: 'x.zip', namespaceType: 'BUILD_ID' }, 'p/uuid/x.zip'],
  [{ name: '/' }, ''],
  [{ path: 'p', name: '/', namespaceType: 'BUILD_ID' }, 'p/uuid'],
  [{}, 'project'],
  [{ name: 'fixed', overrideArtifactName: true }, 'evaluated'],
] as const)('CB-D1: the key of %j is %s', (target, wanted) => {
  const plan = {
    identifier: '',
    target: { type: 'S3' as const, location: 'b', ...target },
    spec: spec({}),
  };
  expect(
    artifactKey(plan, { projectName: 'project', uuid: 'uuid' }, { primary: 'evaluated' }),
  ).toBe(wanted);
});
