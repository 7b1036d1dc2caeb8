import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { Button } from 'react-aria-components/Button';
import { play } from '../voice/sounds.ts';
import { Icon } from './icon.tsx';
import { useVisit } from './visit.tsx';

interface FittedProps {
  /** Changes when other things are listed: the list starts at its beginning again. */
  readonly of: string;
  readonly className: string;
  readonly items: readonly ReactNode[];
}

/**
 * Shows as many of the items as there is room for, and a "more" button for the rest: nobody has to swipe.
 * After the last ones, "more" goes back to the first.
 */
export function Fitted(props: FittedProps) {
  const { snapshot, orientation } = useVisit();
  const { textSize, language, elder } = snapshot.settings;
  return <FittedList key={`${props.of} ${orientation} ${textSize} ${language} ${elder}`} {...props} />;
}

function FittedList({ className, items }: FittedProps) {
  const { words } = useVisit();
  const box = useRef<HTMLDivElement>(null);
  const [room, setRoom] = useState(items.length);
  const [start, setStart] = useState(0);
  const [measured, setMeasured] = useState(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: measured again after every change of what is shown
  useLayoutEffect(() => {
    const list = box.current?.firstElementChild;
    if (!(list instanceof HTMLElement) || box.current === null) return;
    const over = box.current.scrollHeight > box.current.clientHeight + 1;
    if (over && room > 1) setRoom(room - 1);
  }, [room, items, measured]);

  useEffect(() => {
    const again = (): void => {
      setRoom(items.length);
      setMeasured((count) => count + 1);
    };
    window.addEventListener('resize', again);
    document.fonts.addEventListener('loadingdone', again);
    return () => {
      window.removeEventListener('resize', again);
      document.fonts.removeEventListener('loadingdone', again);
    };
  }, [items.length]);

  const rest = items.length - room;
  return (
    <div className="fitted" ref={box}>
      <div className={className}>{items.slice(start, start + room)}</div>
      {rest > 0 && (
        <Button
          className="control more"
          data-action="more"
          onPressStart={() => play('tap')}
          onPress={() => setStart(start + room < items.length ? start + room : 0)}
        >
          <Icon name={start + room < items.length ? 'more' : 'back'} />
          <span>{words.t('more')}</span>
        </Button>
      )}
    </div>
  );
}
