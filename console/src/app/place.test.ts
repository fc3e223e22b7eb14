import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { consoleUrl } from '../../../src/lib/console-url.ts';
import { fragmentOf, hrefOf, match, placeOf } from './place.ts';

describe('places', () => {
  test('are the addresses that the server makes', () => {
    const url = consoleUrl('http://here', 'codebuild', 'eu-west-1', '/builds/web:1/view/new');
    expect(placeOf(new URL(url))).toEqual({
      ...{ service: 'codebuild', region: 'eu-west-1', fragment: '/builds/web:1/view/new' },
    });
    expect(`http://here${hrefOf(placeOf(new URL(url)))}`).toBe(url);
    expect(placeOf(new URL('http://here/_slipway/console/')).service).toBe('home');
    // Some links have two signs.
    expect(placeOf(new URL('http://h/_slipway/console/x/home##a')).fragment).toBe('a');
  });

  test.each([
    ['/view/:name', '/view/web', { name: 'web' }],
    ['/view/:name', '/view/a%2Fb', { name: 'a/b' }],
    ['/view/:name', '/view/web/history', undefined],
    ['/view/:name/history', '/view/web', undefined],
    ['/object/:bucket/*key', '/object/b/a/c%20d', { bucket: 'b', key: 'a/c d' }],
    ['/builds/:id/view/new', '/builds/web:1/view/new', { id: 'web:1' }],
    ['/view/:name', '/view/%E0%A4%A', { name: '%E0%A4%A' }],
    ['', '', {}],
    [
      'logsV2:log-groups/log-group/:group/log-events/:stream',
      'logsV2:log-groups/log-group/$252Faws$252Fcodebuild$252Fweb/log-events/null',
      { group: '/aws/codebuild/web', stream: 'null' },
    ],
  ])('%s of %s', (pattern, fragment, params) => {
    expect(match(pattern, fragment)?.params).toEqual(params);
  });

  test('have a query and an anchor', () => {
    const found = match('/pull/:n/activity', '/pull/1/activity?tab=a#comment:1');
    expect(found?.query.get('tab')).toBe('a');
    expect(found?.query.get('anchor')).toBe('comment:1');
  });

  test('any name comes back as it went in', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), (name) => {
        fc.pre(!name.includes('$25'));
        expect(match('/view/:name', fragmentOf('/view/:name', { name }))?.params).toEqual({ name });
      }),
    );
  });
});
