import { useEffect, useMemo, useRef, useState } from 'react';
import type { DisplayProfile, Intent, Snapshot } from '../../bridge/index.ts';
import { Screen } from '../screens/screen.tsx';
import { useTheme } from '../theme/apply.ts';
import { play } from '../voice/sounds.ts';
import { words } from '../words/texts.ts';
import { DoublePressGuard } from './action.ts';
import { Bar } from './bar.tsx';
import { IdleWarning } from './idle.tsx';
import { depthOf, Masthead } from './masthead.tsx';
import { SettingsRow } from './settings.tsx';
import { type Visit, VisitProvider } from './visit.tsx';

interface RoomProps {
  readonly snapshot: Snapshot;
  readonly display: DisplayProfile;
  /** Carries an intent to the core, on the page given. */
  readonly send: (page: number, intent: Intent) => void;
  /** Plays the page's sentence again. */
  readonly sayAgain: () => void;
}

/** Which of the bar's controls are the thing to do on a page that has none of its own. */
function liftedOf({ view }: Snapshot): readonly string[] {
  switch (view.screen) {
    case 'farewell':
      return ['finish'];
    case 'helper':
      return view.canReturn ? ['back'] : ['finish'];
    case 'fault':
      return view.canSkip ? [] : ['help'];
    case 'card':
      return view.reader === 'unavailable' ? ['help'] : [];
    default:
      return [];
  }
}

/** The whole screen for one snapshot. It holds nothing of its own. */
export function Room({ snapshot, display, send, sayAgain }: RoomProps) {
  const orientation = useTheme(display, snapshot.settings);
  const [guard] = useState(() => new DoublePressGuard());
  const { page, view, settings } = snapshot;
  const inWords = words[settings.language];
  const direction = useDirection(snapshot);
  useSounds(snapshot);

  useEffect(() => {
    document.title = inWords.t('page');
  }, [inWords]);

  const visit = useMemo<Visit>(
    () => ({
      snapshot,
      words: inWords,
      orientation,
      ask: (intent) => {
        if (guard.passes(snapshot.page, intent, performance.now())) send(snapshot.page, intent);
      },
    }),
    [snapshot, inWords, orientation, guard, send],
  );
  const repeat = (): void => {
    sayAgain();
    visit.ask({ do: 'repeat' });
  };

  return (
    <VisitProvider visit={visit}>
      <div className="room" data-screen={view.screen} data-page={page} data-say={snapshot.say.key}>
        <Masthead />
        <main key={page} className="sheet" data-direction={direction}>
          <Screen />
        </main>
        <div className="desk">
          <SettingsRow withElder={!(snapshot.offerElder && view.screen === 'home')} />
          <Bar lifted={liftedOf(snapshot)} onRepeat={repeat} />
        </div>
        <IdleWarning />
      </div>
    </VisitProvider>
  );
}

/** Pages slide the way one is going. */
function useDirection({ page, view }: Snapshot): 'onward' | 'backward' {
  const depth = depthOf(view.screen);
  const last = useRef({ page, depth, direction: 'onward' as 'onward' | 'backward' });
  if (last.current.page !== page) {
    last.current = { page, depth, direction: depth < last.current.depth ? 'backward' : 'onward' };
  }
  return last.current.direction;
}

/** Two rising notes for "done", one low note for "look here". */
function useSounds({ page, view, idle }: Snapshot): void {
  const warned = idle !== null;
  const troubled = view.screen === 'fault' || (view.screen === 'card' && view.problem !== null);
  const done = view.screen === 'collect';
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each page
  useEffect(() => {
    if (done) play('done');
    else if (troubled || warned) play('look');
  }, [page, done, troubled, warned]);
}
