import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard';
import Flashbar from '@cloudscape-design/components/flashbar';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { dismiss, type Flash, useFlashes } from './flashes.ts';

/** What was done or failed, each with the `aws` command that does the same. */
export default function Flashes() {
  const flashes = useFlashes();
  return (
    <Flashbar
      items={flashes.map((one) => ({
        id: one.id,
        type: one.type,
        header: one.header,
        dismissible: true,
        dismissLabel: 'Dismiss',
        onDismiss: () => dismiss(one.id),
        content: <Content flash={one} />,
        ...(one.command !== undefined && {
          action: (
            <CopyToClipboard
              copyButtonText="Copy as aws command"
              copySuccessText="Copied"
              copyErrorText="The browser does not let it be copied"
              textToCopy={one.command}
            />
          ),
        }),
      }))}
    />
  );
}

function Content({ flash: { content, requestId } }: { flash: Flash }) {
  return (
    <SpaceBetween size="xxs">
      <span>{content}</span>
      {requestId !== undefined && <small>Request {requestId}</small>}
    </SpaceBetween>
  );
}
