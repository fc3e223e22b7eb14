/** The queue that an URL means. */
export interface QueueAddress {
  accountId: string;
  name: string;
  /** Where the host says it, as AWS's do. */
  region?: string;
}

/** `sqs.REGION.amazonaws.com`, and as SDKs of old have it `REGION.queue.amazonaws.com`; us-east-1 goes without a name there. */
const AWS_HOST =
  /^(?:sqs(?:-fips)?\.([a-z0-9-]+)|([a-z0-9-]+)\.queue)\.(?:amazonaws\.com|api\.aws)/;

/**
 * Reads `http(s)://HOST/ACCOUNT/NAME`: whichever host it is, a client that has sent it here means this server's queue.
 * What is only `ACCOUNT/NAME` or a name is read too, as AWS does.
 * @returns undefined for what is none
 */
export function parseQueueUrl(url: string, callerAccount: string): QueueAddress | undefined {
  const [, host, path = ''] = /^(?:https?:\/\/([^/?#]*)\/)?([^?#]*)$/.exec(url) ?? [];
  const parts = path.replace(/^\/+|\/$/g, '').split('/');
  const name = parts.at(-1) ?? '';
  const accountId = parts.at(-2) ?? (host === undefined ? callerAccount : '');
  if (!/^[A-Za-z0-9_.-]+$/.test(name) || !/^[0-9]{12}$/.test(accountId)) return undefined;
  const [, region, old] = AWS_HOST.exec(host ?? '') ?? [];
  return { accountId, name, ...((region ?? old) && { region: region ?? old }) };
}
