import type { Certificate } from '@aws-sdk/client-elastic-load-balancing-v2';
import { need } from '../../../kit/resource.ts';
import { defaultCertificate, invalid, tooManyCertificates } from '../errors.ts';
import { MAX_CERTIFICATES } from '../limits.ts';
import { needCertificates } from '../listeners/input.ts';
import { isSecure } from '../model/protocols.ts';
import type { Listener } from '../model/things.ts';
import { changed } from '../reconcilers/change.ts';
import { listener, onListener } from '../resources/kinds.ts';
import { updateListener } from '../store/listeners.ts';
import { elbv2 } from './declare.ts';
import { ownListener } from './listeners.ts';
import { paged } from './pages.ts';

/** The ARNs that a caller names. */
function arnsOf({ protocol }: Listener, given: readonly Certificate[] | undefined): string[] {
  if (!isSecure(protocol))
    throw invalid(`Certificates are not supported for listeners with protocol ${protocol}`);
  if (!given?.length) throw invalid('At least one certificate must be specified');
  const arns = given.map(({ CertificateArn, IsDefault }) => {
    if (IsDefault !== undefined) throw invalid('IsDefault cannot be specified');
    return CertificateArn ?? '';
  });
  const once = [...new Set(arns)];
  if (once.length > MAX_CERTIFICATES + 1) throw tooManyCertificates();
  return once;
}

export const addListenerCertificates = elbv2(
  'addListenerCertificates',
  onListener,
  async (ctx, input, found) => {
    const arns = arnsOf(found, input.Certificates);
    await ctx.transaction(async (tx) => {
      await needCertificates(ctx, tx, arns);
      const now = await need(tx, listener, listener.locate(ctx, found.arn));
      const certificates = [...new Set([...now.certificates, ...arns])];
      if (certificates.length > MAX_CERTIFICATES + 1) throw tooManyCertificates();
      await updateListener(tx, { ...now, certificates });
      await changed(ctx, tx, now.balancerArn);
    });
    return { Certificates: arns.map((arn) => ({ CertificateArn: arn, IsDefault: false })) };
  },
);

export const removeListenerCertificates = elbv2(
  'removeListenerCertificates',
  onListener,
  async (ctx, input, found) => {
    const arns = new Set(arnsOf(found, input.Certificates));
    await ctx.transaction(async (tx) => {
      const now = await need(tx, listener, listener.locate(ctx, found.arn));
      const [first = ''] = now.certificates;
      if (arns.has(first)) throw defaultCertificate(first);
      const certificates = now.certificates.filter((arn) => !arns.has(arn));
      await updateListener(tx, { ...now, certificates });
      await changed(ctx, tx, now.balancerArn);
    });
    return {};
  },
);

export const describeListenerCertificates = elbv2(
  'describeListenerCertificates',
  {},
  async (ctx, input) => {
    const { certificates } = await ownListener(ctx, input.ListenerArn ?? '');
    const [first] = certificates;
    const { items, next } = paged(ctx, input, certificates, (arn) => arn);
    const shown = items.map((arn) => ({ CertificateArn: arn, IsDefault: arn === first }));
    return { Certificates: shown, ...next };
  },
);
