import { autocompletion, completeAnyWord } from '@codemirror/autocomplete';
import { json, jsonParseLinter } from '@codemirror/lang-json';
import { yaml } from '@codemirror/lang-yaml';
import { linter, lintGutter } from '@codemirror/lint';
import { EditorView } from '@codemirror/view';
import { openView } from './editor-view.ts';

export interface Editor {
  show: (text: string) => void;
  close: () => void;
}

interface Options {
  value: string;
  language: 'json' | 'yaml';
  label: string;
  readOnly: boolean;
  height?: string;
  words?: readonly string[] | undefined;
  changed: (text: string) => void;
}

/** An editor of JSON or YAML. */
export function openEditor(host: HTMLElement, options: Options): Editor {
  const { value, language, label, readOnly, height = '60vh', words, changed } = options;
  let shown = value;
  /** Of the page's own doing: nobody has typed. */
  let showing = false;
  const named = words
    ? [
        autocompletion({
          override: [
            (context) => {
              const word = context.matchBefore(/[\w-]+/);
              if (!word && !context.explicit) return null;
              return {
                from: word?.from ?? context.pos,
                options: words.map((text) => ({ label: text })),
              };
            },
            completeAnyWord,
          ],
        }),
      ]
    : [];
  const view = openView(host, {
    ...{ text: value, label, height, readOnly },
    extensions: [
      language === 'json' ? [json(), linter(jsonParseLinter()), lintGutter()] : yaml(),
      named,
      EditorView.lineWrapping,
    ],
    changed: (text) => {
      shown = text;
      if (!showing) changed(text);
    },
  });
  return {
    show(text) {
      if (text === shown) return;
      showing = true;
      try {
        view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
      } finally {
        showing = false;
      }
      // As given: CodeMirror has line ends of its own.
      shown = text;
    },
    close: () => view.destroy(),
  };
}
