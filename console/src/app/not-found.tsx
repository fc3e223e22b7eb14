import Box from '@cloudscape-design/components/box';
import Link from '@cloudscape-design/components/link';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { Page } from '../parts/page.tsx';
import { follow, href, usePlace } from './router.ts';

export function NotFound() {
  const { service, fragment } = usePlace();
  return (
    <Page title="There is no such page" crumbs={[]}>
      <SpaceBetween size="m">
        <Box variant="p">
          The console has no page <span className="mono">{fragment || '/'}</span> of{' '}
          <span className="mono">{service}</span>. What it would show may still be there for the{' '}
          <span className="mono">aws</span> command.
        </Box>
        <Link href={href('home')} onFollow={follow}>
          Home
        </Link>
      </SpaceBetween>
    </Page>
  );
}
