import { type ReactNode, useEffect, useRef } from 'react';
import { Icon } from './icon.tsx';
import { Phrases } from './phrases.tsx';
import { useVisit } from './visit.tsx';

interface PageProps {
  readonly title: string;
  /** A small line above the title: which service, which question. */
  readonly over?: string;
  /** The sentence is about something that is not as it should be. */
  readonly attention?: boolean;
  readonly scene?: ReactNode;
  /** What is shown is only a line or two. */
  readonly brief?: boolean;
  /** What is shown holds nothing to press. */
  readonly still?: boolean;
  /** What is shown or chosen. */
  readonly children?: ReactNode;
  /** The one thing to do, always in the same place. */
  readonly actions?: ReactNode;
}

/** A page: where one is, the sentence that is spoken, the picture, the thing itself and what to press. */
export function Page({
  title,
  over,
  attention = false,
  still = false,
  brief = false,
  scene,
  children,
  actions,
}: PageProps) {
  const { snapshot, words, orientation } = useVisit();
  const heading = useRef<HTMLHeadingElement>(null);
  const { page } = snapshot;

  const empty = children === undefined || children === false;
  // Lying, the picture stands where there would be nothing above what is pressed.
  const aside = orientation === 'landscape' && (empty || brief) && scene !== undefined;

  // biome-ignore lint/correctness/useExhaustiveDependencies: the focus moves when the page does
  useEffect(() => heading.current?.focus({ preventScroll: true }), [page]);

  return (
    <>
      <section className="sight" data-aside={aside} data-still={still}>
        <div className="heading">
          {over !== undefined && <p className="over">{over}</p>}
          <h1 ref={heading} tabIndex={-1}>
            {title}
          </h1>
        </div>
        <p className="caption" aria-live="polite" data-tone={attention ? 'attention' : 'calm'}>
          <Icon name={attention ? 'attention' : 'repeat'} />
          <span>
            <Phrases text={words.local(snapshot.say.text)} language={words.language} />
          </span>
        </p>
        {scene !== undefined && !aside && <div className="scene">{scene}</div>}
      </section>
      {(!empty || actions !== undefined || aside) && (
        <section className="hand">
          {aside && <div className="scene">{scene}</div>}
          {!empty && <div className="body">{children}</div>}
          {actions !== undefined && <div className="actions">{actions}</div>}
        </section>
      )}
    </>
  );
}
