import Link, { type LinkProps } from '@cloudscape-design/components/link';
import type { ReactNode } from 'react';
import { fragmentOf } from '../app/place.ts';
import { follow, href, isOurs } from '../app/router.ts';

/** A link to a page of the console: `<PlaceLink service="codepipeline" to="/view/:name" names={{ name }}>`. */
export function PlaceLink({
  service,
  to,
  names,
  variant,
  children,
}: {
  service: string;
  to: string;
  names?: Record<string, string>;
  variant?: LinkProps.Variant;
  children: ReactNode;
}) {
  return (
    <Link
      href={href(service, fragmentOf(to, names))}
      onFollow={follow}
      variant={variant ?? 'secondary'}
    >
      {children}
    </Link>
  );
}

/** What may be opened: no `javascript:`, nothing but the web. */
const isWeb = (address: string) => {
  const { protocol } = new URL(address, location.href);
  return protocol === 'http:' || protocol === 'https:';
};

/** A link that an API gave (`externalExecutionUrl`, `deepLink`): a page here, another site, or (no address of the web) a text. */
export function GivenLink({ url, children }: { url: string | undefined; children: ReactNode }) {
  if (url === undefined || !URL.canParse(url, location.href) || !isWeb(url)) return <>{children}</>;
  const ours = isOurs(url);
  return (
    <Link href={url} external={!ours} target={ours ? '_self' : '_blank'} onFollow={follow}>
      {children}
    </Link>
  );
}
