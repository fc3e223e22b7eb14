import Link from '@cloudscape-design/components/link';
import type { ReactNode } from 'react';
import { hasPage } from '../app/find-page.ts';
import { fragmentOf, placeOf } from '../app/place.ts';
import { follow, href, isOurs } from '../app/router.ts';

/**
 * A link to a page of the console: `<PlaceLink service="codepipeline" to="/view/:name" names={{ name }}>`; a text where there
 * is no such page.
 */
export function PlaceLink({
  service,
  to,
  names,
  children,
}: {
  service: string;
  to: string;
  names?: Record<string, string>;
  children: ReactNode;
}) {
  const fragment = fragmentOf(to, names);
  if (!hasPage(service, fragment)) return <>{children}</>;
  return (
    <Link href={href(service, fragment)} onFollow={follow} variant="secondary">
      {children}
    </Link>
  );
}

/** What may be opened: no `javascript:`, nothing but the web. */
const isWeb = (address: string) => {
  const { protocol } = new URL(address, location.href);
  return protocol === 'http:' || protocol === 'https:';
};

/**
 * A link that an API gave (`externalExecutionUrl`, `deepLink`): a page here, another site, or a text: no address of the
 * web, or a page that this console does not have.
 */
export function GivenLink({ url, children }: { url: string | undefined; children: ReactNode }) {
  if (url === undefined || !URL.canParse(url, location.href) || !isWeb(url)) return <>{children}</>;
  const ours = isOurs(url);
  const { service, fragment } = placeOf(new URL(url, location.href));
  if (ours && !hasPage(service, fragment)) return <>{children}</>;
  return (
    <Link href={url} external={!ours} target={ours ? '_self' : '_blank'} onFollow={follow}>
      {children}
    </Link>
  );
}
