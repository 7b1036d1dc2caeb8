import './plain.ts';
import './theme/theme.ts';
import { useSyncExternalStore } from 'react';
import { createRoot } from 'react-dom/client';
import { languageSchema, type Settings, type Snapshot } from '../bridge/index.ts';
import { idleSample, type Sample, samples, snapshotOf } from './gallery/samples.ts';
import { watchHands } from './keyboard/keyboard.ts';
import { Connecting } from './parts/connecting.tsx';
import { Room } from './parts/room.tsx';
import { usualDisplay } from './theme/millimetres.ts';

/** The sample the address asks for; null for the page that is shown without a core. */
function sampleOf(query: URLSearchParams): Sample | null {
  const screen = query.get('screen') ?? 'welcome';
  if (screen === 'connecting') return null;
  if (screen === 'idle') return idleSample;
  const variants = Object.entries(samples).find(([name]) => name === screen)?.[1] ?? samples.welcome;
  return variants[Number(query.get('variant') ?? 0)] ?? samples.welcome[0] ?? idleSample;
}

function settingsOf(query: URLSearchParams): Settings {
  const language = languageSchema.safeParse(query.get('lang'));
  return {
    language: language.success ? language.data : 'zh-CN',
    textSize: Math.min(3, Math.max(0, Math.trunc(Number(query.get('size') ?? 0)) || 0)),
    contrast: query.get('contrast') === 'high' ? 'high' : 'normal',
    elder: query.get('elder') === '1',
  };
}

let shown = { search: '', page: 0, snapshot: null as Snapshot | null };

/** One page number for each address, as the core would count. */
function current(): typeof shown {
  const { search } = location;
  if (shown.page > 0 && shown.search === search) return shown;
  const query = new URLSearchParams(search);
  const sample = sampleOf(query);
  const page = shown.page + 1;
  shown = { search, page, snapshot: sample === null ? null : snapshotOf(sample, page, settingsOf(query)) };
  return shown;
}

const onAddress = (listener: () => void): (() => void) => {
  window.addEventListener('popstate', listener);
  return () => window.removeEventListener('popstate', listener);
};

/** Any screen from a sample: ?screen=<name>&variant=<n>&lang=&size=<0-3>&contrast=high&elder=1 */
function Gallery() {
  const { snapshot } = useSyncExternalStore(onAddress, current);
  if (snapshot === null) return <Connecting late={location.search.includes('variant=1')} />;
  return (
    <Room
      snapshot={snapshot}
      display={usualDisplay}
      send={(page, intent) => console.info('intent', page, intent.do)}
      sayAgain={() => undefined}
    />
  );
}

watchHands(window, () => undefined);

const root = document.getElementById('root');
if (root === null) throw new Error('the page has no place for the gallery');
createRoot(root).render(<Gallery />);
