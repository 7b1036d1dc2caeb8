import { useCallback, useEffect, useState } from 'react';
import type { Intent, Settings, ToCore } from '../bridge/index.ts';
import { Connecting, useLate } from './parts/connecting.tsx';
import { Room } from './parts/room.tsx';
import { useScreen } from './store.ts';
import { useTheme } from './theme/apply.ts';
import { usualDisplay } from './theme/millimetres.ts';
import { Voice } from './voice/voice.ts';

const usualSettings: Settings = { language: 'zh-CN', textSize: 0, contrast: 'normal', elder: false };

/** The latest snapshot as a page; a calm page while there is none. */
export function App({ send }: { send: (message: ToCore) => void }) {
  const { connected, display, snapshot } = useScreen();
  const [voice] = useState(() => new Voice(new Audio()));

  useEffect(() => {
    if (snapshot === null) voice.hush();
    else voice.follow(snapshot);
  }, [snapshot, voice]);

  const ask = useCallback(
    (page: number, intent: Intent): void => send({ type: 'intent', page, intent }),
    [send],
  );
  if (!connected || snapshot === null) return <Waiting />;
  return (
    <Room
      snapshot={snapshot}
      display={display ?? usualDisplay}
      send={ask}
      sayAgain={() => voice.repeat(snapshot)}
    />
  );
}

function Waiting() {
  useTheme(usualDisplay, usualSettings);
  return <Connecting late={useLate()} />;
}
