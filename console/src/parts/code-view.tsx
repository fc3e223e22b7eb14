import Spinner from '@cloudscape-design/components/spinner';
import { useEffect, useRef, useState } from 'react';

interface Props {
  /** Tells the language. */
  path: string;
  text: string;
  label: string;
  line?: number | undefined;
  /** Not given: only to be read. What is edited begins with the `text` of the first time. */
  onChange?: (text: string) => void;
  height?: string;
}

/** A file of any language, highlighted: CodeMirror, loaded when one is shown. */
export function CodeView({ path, text, label, line, onChange, height = '70vh' }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const change = useRef(onChange);
  change.current = onChange;
  const editable = onChange !== undefined;
  const kept = useRef(text);
  const [there, setThere] = useState(false);
  // An editor keeps what is typed, whatever else is drawn again; a file that is read follows.
  const read = editable ? undefined : text;
  useEffect(() => {
    let gone = false;
    let close: (() => void) | undefined;
    void import('./code-text.ts').then(async ({ openCode }) => {
      if (gone || !place.current) return;
      const changed = editable
        ? (typed: string) => {
            // Another name opens it again, for its language: with what has been typed.
            kept.current = typed;
            change.current?.(typed);
          }
        : undefined;
      const closing = await openCode(place.current, {
        ...{ path, text: read ?? kept.current, label, line, changed, height },
      });
      if (gone) return closing();
      close = closing;
      setThere(true);
    });
    return () => {
      gone = true;
      close?.();
    };
  }, [path, read, label, line, editable, height]);
  return (
    <>
      {!there && <Spinner />}
      <div ref={place} className="editor" />
    </>
  );
}
