import type { WebsiteConfiguration } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { bucketOfHost, checkWebsite, routed } from './website.ts';

const IndexDocument = { Suffix: 'index.html' };

describe('a website configuration', () => {
  it.each([
    [{}, 'InvalidArgument'],
    [{ IndexDocument: { Suffix: 'a/b' } }, 'InvalidArgument'],
    [{ IndexDocument, RedirectAllRequestsTo: { HostName: 'a' } }, 'MalformedXML'],
    [{ IndexDocument, RoutingRules: [{ Redirect: {} }] }, 'MalformedXML'],
    [
      {
        IndexDocument,
        RoutingRules: [{ Redirect: { ReplaceKeyWith: 'a', ReplaceKeyPrefixWith: 'b' } }],
      },
      'InvalidRequest',
    ],
    [
      { IndexDocument, RoutingRules: [{ Redirect: { HttpRedirectCode: '200' } }] },
      'InvalidRequest',
    ],
    [
      {
        IndexDocument,
        RoutingRules: [
          { Condition: { HttpErrorCodeReturnedEquals: 'x' }, Redirect: { HostName: 'a' } },
        ],
      },
      'InvalidRequest',
    ],
  ])('%j is refused', (website, code) => {
    expect(() => checkWebsite(website as WebsiteConfiguration)).toThrow(
      expect.objectContaining({ code }),
    );
  });

  it('is taken where it is in order', () => {
    checkWebsite({ IndexDocument, ErrorDocument: { Key: 'oops.html' } });
    checkWebsite({ RedirectAllRequestsTo: { HostName: 'example.com', Protocol: 'https' } });
  });
});

describe('routing rules', () => {
  const RoutingRules = [
    { Condition: { KeyPrefixEquals: 'docs/' }, Redirect: { ReplaceKeyPrefixWith: 'documents/' } },
    {
      Condition: { HttpErrorCodeReturnedEquals: '404', KeyPrefixEquals: 'img/' },
      Redirect: { HostName: 'img.test', Protocol: 'https' as const, HttpRedirectCode: '302' },
    },
    { Condition: { HttpErrorCodeReturnedEquals: '404' }, Redirect: { ReplaceKeyWith: 'not here' } },
  ];
  const to = (key: string, error?: number) =>
    routed({ RoutingRules }, { key, host: 'b.test:1', protocol: 'http' }, error);

  it('lead on by the beginning of a key, before it is looked for', () => {
    expect(to('docs/a b.html')).toEqual({
      ...{ status: 301, location: 'http://b.test:1/documents/a%20b.html' },
    });
    expect(to('img/a.png')).toBeUndefined();
  });

  it('lead on by what came of looking for it', () => {
    expect(to('img/a.png', 404)).toEqual({ status: 302, location: 'https://img.test/img/a.png' });
    expect(to('x', 404)?.location).toBe('http://b.test:1/not%20here');
    expect(to('x', 403)).toBeUndefined();
  });
});

it.each([
  ['site.s3-website.localhost:4566', 'site'],
  ['a.b.s3-website-eu-west-1.localhost', 'a.b'],
  ['site.s3-website.eu-central-1.amazonaws.com', 'site'],
  ['SITE.S3-Website.LOCALHOST.', 'site'],
  ['site.s3.localhost', undefined],
  ['s3-website.localhost', undefined],
  ['site.s3-website.example.com', undefined],
  [`${'a.'.repeat(200)}s3-website.localhost`, undefined],
])('%s is the website of %s', (host, bucket) => {
  expect(bucketOfHost(host)).toBe(bucket);
});
