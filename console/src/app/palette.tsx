import Box from '@cloudscape-design/components/box';
import Input, { type InputProps } from '@cloudscape-design/components/input';
import Modal from '@cloudscape-design/components/modal';
import { type KeyboardEvent, useDeferredValue, useEffect, useMemo, useRef, useState } from 'react';
import { navigation } from './navigation.ts';
import { type Found, resources } from './palette-resources.ts';
import { go, href } from './router.ts';

const SHOWN = 50;

/** Words in any order, each somewhere in it. */
const fits = (text: string, words: string[]) => {
  const low = text.toLowerCase();
  return words.every((word) => low.includes(word));
};

const places = (): Found[] =>
  navigation.flatMap(({ text, links }) =>
    links.map((link) => ({ text: link.text, kind: text, href: href(link.service, link.fragment) })),
  );

/** Ctrl-K: any page, and any resource by its name. */
export default function Palette({ close }: { close: () => void }) {
  const field = useRef<InputProps.Ref>(null);
  const [typed, setTyped] = useState('');
  const [at, setAt] = useState(0);
  const [found, setFound] = useState<Found[]>([]);
  useEffect(() => {
    let there = true;
    for (const some of resources())
      some.then(
        (more) => there && setFound((now) => [...now, ...more]),
        () => undefined,
      );
    return () => {
      there = false;
    };
  }, []);
  // A dialog focuses its first button, the one that closes it, a moment after it has opened.
  useEffect(() => {
    const later = setTimeout(() => field.current?.focus(), 50);
    return () => clearTimeout(later);
  }, []);
  const words = useDeferredValue(typed.toLowerCase().split(/\s+/).filter(Boolean).join(' '));
  const shown = useMemo(
    () =>
      [...places(), ...found]
        .filter(({ text, kind }) => fits(`${text} ${kind}`, words.split(' ')))
        .slice(0, SHOWN),
    [found, words],
  );
  const chosen = Math.min(at, shown.length - 1);
  const open = (index: number) => {
    const one = shown[index];
    if (!one) return;
    close();
    go(one.href);
  };
  const onKey = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key as 'ArrowDown' | 'ArrowUp'];
    if (step !== undefined) {
      event.preventDefault();
      setAt((Math.max(chosen, 0) + step + shown.length) % Math.max(shown.length, 1));
    }
    if (event.key === 'Enter') {
      event.preventDefault();
      open(chosen);
    }
  };
  return (
    <Modal visible header="Go to" onDismiss={close}>
      <div onKeyDownCapture={onKey}>
        <Input
          ref={field}
          type="search"
          value={typed}
          placeholder="A page, pipeline, project, repository, …"
          ariaLabel="Name of a page or resource"
          onChange={({ detail }) => {
            setTyped(detail.value);
            setAt(0);
          }}
        />
        <div className="palette-list" role="listbox" aria-label="Pages and resources">
          {shown.map(({ text, kind, href: to }, index) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are those of the field above
            <div
              key={to}
              role="option"
              tabIndex={-1}
              aria-selected={index === chosen}
              ref={(node) => {
                if (index === chosen) node?.scrollIntoView({ block: 'nearest' });
              }}
              onClick={() => open(index)}
            >
              <span>{text}</span>
              <small>{kind}</small>
            </div>
          ))}
        </div>
        {shown.length === 0 && <Box color="text-body-secondary">Nothing of that name.</Box>}
      </div>
    </Modal>
  );
}
