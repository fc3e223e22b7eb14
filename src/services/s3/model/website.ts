import type { RoutingRule, WebsiteConfiguration } from '@aws-sdk/client-s3';
import { invalidArgument, invalidRequest, malformedXml } from '../errors.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/how-to-page-redirect.html */
const MAX_RULES = 50;

/** @throws MalformedXML, InvalidArgument, InvalidRequest */
export function checkWebsite(website: WebsiteConfiguration): void {
  const { IndexDocument, ErrorDocument, RedirectAllRequestsTo: all, RoutingRules = [] } = website;
  if (all) {
    if (IndexDocument ?? ErrorDocument ?? website.RoutingRules) throw malformedXml();
    if (!all.HostName) throw malformedXml();
    return;
  }
  if (!IndexDocument)
    throw invalidArgument(
      'A value for IndexDocument Suffix must be provided if RedirectAllRequestsTo is empty',
      'IndexDocument',
      'null',
    );
  const { Suffix = '' } = IndexDocument;
  if (Suffix === '' || Suffix.includes('/'))
    throw invalidArgument('The IndexDocument Suffix is not well formed', 'IndexDocument', Suffix);
  if (ErrorDocument && !ErrorDocument.Key) throw malformedXml();
  if (RoutingRules.length > MAX_RULES)
    throw invalidRequest(
      `The number of routing rules must not exceed the allowed limit of ${MAX_RULES} rules.`,
    );
  for (const rule of RoutingRules) checkRule(rule);
}

function checkRule({ Condition, Redirect }: RoutingRule): void {
  if (!Redirect || Object.values(Redirect).every((value) => value === undefined))
    throw malformedXml();
  if (Redirect.ReplaceKeyWith !== undefined && Redirect.ReplaceKeyPrefixWith !== undefined)
    throw invalidRequest('You can only define ReplaceKeyPrefix or ReplaceKey but not both.');
  const { HttpRedirectCode: code } = Redirect;
  if (code !== undefined && !/^30[1-8]$/.test(code))
    throw invalidRequest(
      `The provided HTTP redirect code (${code}) is not valid. Valid codes are 3XX except 300.`,
    );
  if (!Condition) return;
  const { HttpErrorCodeReturnedEquals: error, KeyPrefixEquals: prefix } = Condition;
  if (error === undefined && prefix === undefined) throw malformedXml();
  if (error !== undefined && !/^[45]\d\d$/.test(error))
    throw invalidRequest(
      `The provided HTTP error code (${error}) is not valid. Valid codes are 4XX or 5XX.`,
    );
}

/** Where a rule sends a request for a key; `error`: what came of looking for it, if that has been done. */
export function routed(
  { RoutingRules = [] }: WebsiteConfiguration,
  asked: { key: string; host: string; protocol: string },
  error?: number,
): { status: number; location: string } | undefined {
  const rule = RoutingRules.find(({ Condition }) => {
    const { HttpErrorCodeReturnedEquals: code, KeyPrefixEquals: prefix = '' } = Condition ?? {};
    // Rules for errors wait for one; the others are looked at before.
    const timely = error === undefined ? code === undefined : code === String(error);
    return timely && asked.key.startsWith(prefix);
  });
  if (!rule) return undefined;
  const { Redirect = {}, Condition } = rule;
  const protocol = Redirect.Protocol ?? asked.protocol;
  const host = Redirect.HostName ?? asked.host;
  const prefix = Condition?.KeyPrefixEquals ?? '';
  const key =
    Redirect.ReplaceKeyWith ??
    (Redirect.ReplaceKeyPrefixWith === undefined
      ? asked.key
      : Redirect.ReplaceKeyPrefixWith + asked.key.slice(prefix.length));
  return {
    status: Number(Redirect.HttpRedirectCode ?? 301),
    location: `${protocol}://${host}/${pathOf(key)}`,
  };
}

/** A key as the path of an address. */
export const pathOf = (key: string): string => key.split('/').map(encodeURIComponent).join('/');

const HOST = /^(.+)\.s3-website(?:[.-][a-z0-9-]+)?\.(?:localhost|amazonaws\.com)$/;
/** A name has at most 253 characters. */
const LONGEST_HOST = 253;

/** The bucket whose website is reached under a host name; undefined for other hosts. */
export function bucketOfHost(host = ''): string | undefined {
  const name = host.toLowerCase().replace(/:\d*$/, '').replace(/\.$/, '');
  return name.length > LONGEST_HOST ? undefined : HOST.exec(name)?.[1];
}
