import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard';

/** A command to copy. */
export function Command({ text }: { text: string }) {
  return (
    <div className="command">
      <code>{text}</code>
      <CopyToClipboard
        variant="icon"
        copyButtonAriaLabel={`Copy: ${text.slice(0, 60)}`}
        copySuccessText="Copied"
        copyErrorText="The browser does not let it be copied"
        textToCopy={text}
      />
    </div>
  );
}
