import FormField from '@cloudscape-design/components/form-field';
import Spinner from '@cloudscape-design/components/spinner';
import { useEffect, useRef, useState } from 'react';
import type { Editor } from './codemirror.ts';

interface Props {
  label: string;
  language: 'json' | 'yaml';
  value: string;
  /** Not given: only to be read. */
  onChange?: (value: string) => void;
  /** Names that are proposed while typing. */
  words?: readonly string[];
  errorText?: string | undefined;
  height?: string;
}

/** A text of JSON or YAML: CodeMirror, loaded when one is shown. */
export function CodeField({ label, language, value, onChange, words, errorText, height }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const editor = useRef<Editor>(undefined);
  const change = useRef(onChange);
  change.current = onChange;
  const first = useRef({ value, words, language, label, readOnly: onChange === undefined });
  const [there, setThere] = useState(false);

  useEffect(() => {
    let gone = false;
    void import('./codemirror.ts').then(({ openEditor }) => {
      if (gone || !place.current) return;
      editor.current = openEditor(place.current, {
        ...first.current,
        ...(height !== undefined && { height }),
        changed: (text) => change.current?.(text),
      });
      setThere(true);
    });
    return () => {
      gone = true;
      editor.current?.close();
      editor.current = undefined;
    };
  }, [height]);
  useEffect(() => {
    first.current.value = value;
    if (there) editor.current?.show(value);
  }, [value, there]);

  return (
    <FormField label={label} errorText={errorText} stretch>
      {!there && <Spinner />}
      <div ref={place} className="editor" />
    </FormField>
  );
}
