import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BusEvent } from './event.ts';
import { faultOfInput, inputFor } from './input.ts';
import { valueAt } from './json-path.ts';

/** The event of https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html */
const EVENT: BusEvent = {
  ...{ version: '0', id: '7bf73129-1428-4cd3-a780-95db273d1602', source: 'aws.ec2' },
  ...{ 'detail-type': 'EC2 Instance State-change Notification', account: '123456789012' },
  ...{ time: '2015-11-11T21:29:54Z', region: 'us-east-1' },
  resources: ['arn:aws:ec2:us-east-1:123456789012:instance/i-abcd1111'],
  detail: {
    'instance-id': 'i-0123456789',
    state: 'RUNNING',
    quoted: 'say "yes"\n',
    list: [{ name: 'a' }, { name: 'b' }],
  },
};
const OF = {
  ruleArn: 'arn:aws:events:us-east-1:123456789012:rule/example',
  ruleName: 'example',
  ingestedAt: new Date('2015-11-11T21:29:55Z'),
};
const PATHS = {
  instance: '$.detail.instance-id',
  state: '$.detail.state',
  quoted: '$.detail.quoted',
  resources: '$.resources',
  missing: '$.detail.nothing',
};
const transformed = (InputTemplate: string) =>
  inputFor({ InputTransformer: { InputPathsMap: PATHS, InputTemplate } }, EVENT, OF);

describe('what a target gets', () => {
  it('is the event, a text, or a part of the event', () => {
    expect(JSON.parse(inputFor({}, EVENT, OF))).toEqual(EVENT);
    expect(inputFor({ Input: '{"a": 1}' }, EVENT, OF)).toBe('{"a": 1}');
    expect(inputFor({ InputPath: '$.detail.state' }, EVENT, OF)).toBe('"RUNNING"');
  });

  it('is no larger than what anybody takes, however often a template names the event', () => {
    const event = { ...EVENT, detail: { text: 'x'.repeat(200_000) } };
    const InputTemplate = JSON.stringify('<aws.events.event.json>'.repeat(300));
    const large = () => inputFor({ InputTransformer: { InputTemplate } }, event, OF);
    expect(large).toThrow('more than 1048576 characters');
  });

  it.each([
    ['"instance <instance> is in <state>"', '"instance i-0123456789 is in RUNNING"'],
    [
      '{"instance": <instance>, "state": <state>}',
      '{"instance": "i-0123456789", "state": "RUNNING"}',
    ],
    ['{"state": "<state>"}', '{"state": "RUNNING"}'],
    ['"it says <quoted>"', '"it says say \\"yes\\"\\n"'],
    ['{"all": <resources>}', `{"all": ${JSON.stringify(EVENT.resources)}}`],
    ['{"a": <missing>, "b": "<missing>"}', '{"a": null, "b": ""}'],
    ['"<aws.events.rule-name> of <aws.events.rule-arn>"', `"example of ${OF.ruleArn}"`],
    ['{"a": "\\"<state>"}', '{"a": "\\"RUNNING"}'],
    ['"one <state>"\n"two"', '"one RUNNING"\n"two"'],
  ])('%s', (template, expected) => {
    expect(
      faultOfInput({
        Id: '1',
        InputTransformer: { InputPathsMap: PATHS, InputTemplate: template },
      }),
    ).toBeUndefined();
    expect(transformed(template)).toBe(expected);
  });

  it('has the whole event where the template says so', () => {
    const { detail: _, ...outside } = EVENT;
    expect(
      JSON.parse(transformed('{"e": <aws.events.event.json>, "o": <aws.events.event>}')),
    ).toEqual({
      e: EVENT,
      o: outside,
    });
  });

  it('is JSON whatever the event has', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        const event = { ...EVENT, detail: JSON.parse(JSON.stringify({ state: value ?? null })) };
        const InputTemplate = '{"a": <state>, "b": "x <state> y"}';
        const InputTransformer = { InputPathsMap: PATHS, InputTemplate };
        expect(() => JSON.parse(inputFor({ InputTransformer }, event, OF))).not.toThrow();
      }),
    );
  });

  it('is refused where it cannot be', () => {
    const fault = (shape: object) => faultOfInput({ Id: 'x', ...shape });
    expect(fault({ Input: 'no json' })).toBe('JSON syntax error in input for target x');
    expect(fault({ InputPath: 'detail' })).toBe('Invalid InputPath for target x.');
    expect(fault({ Input: '{}', InputPath: '$' })).toMatch(/^Only one of/);
    expect(fault({ InputTransformer: { InputTemplate: '"<none>"' } })).toBe(
      'InputTemplate for target x contains invalid placeholder none.',
    );
    expect(fault({ InputTransformer: { InputTemplate: '{"a": ' } })).toMatch(
      /^Invalid InputTemplate/,
    );
    expect(
      fault({ InputTransformer: { InputTemplate: '"a"', InputPathsMap: { AWSx: '$' } } }),
    ).toMatch(/reserved name/);
  });
});

describe('paths', () => {
  it.each<[path: string, expected: unknown]>([
    ['$.detail.state', 'RUNNING'],
    ["$.detail['instance-id']", 'i-0123456789'],
    ['$.detail.list[1].name', 'b'],
    ['$.detail.list[*].name', ['a', 'b']],
    ['$.detail.__proto__', undefined],
    ['$.resources[0]', EVENT.resources[0]],
    ['$.detail.state.more', undefined],
  ])('%s', (path, expected) => {
    expect(valueAt(EVENT, path)).toEqual(expected);
  });
});
