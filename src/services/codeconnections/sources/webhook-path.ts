import { parseArn } from '../../../aws/arn.ts';

/** Where providers tell of changes; the connection's id is in it, and no secret. */
export const WEBHOOKS = '/_slipway/connections/{account}/{region}/{connection}/webhook';

/** The address of a connection's webhook. */
export function webhookPath(connectionArn: string): string {
  const { accountId = '', region = '', resource = '' } = parseArn(connectionArn) ?? {};
  return WEBHOOKS.replace('{account}', accountId)
    .replace('{region}', region)
    .replace('{connection}', resource.replace('connection/', ''));
}
