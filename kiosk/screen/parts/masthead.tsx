import type { ScreenName } from '../../bridge/index.ts';
import { useVisit } from './visit.tsx';

const stations = ['card', 'identity', 'choose', 'check', 'take'] as const;
type Station = (typeof stations)[number];

function stationOf(screen: ScreenName): Station | null {
  switch (screen) {
    case 'card':
      return 'card';
    case 'consent':
    case 'verify':
      return 'identity';
    case 'home':
    case 'service':
    case 'question':
      return 'choose';
    case 'check':
      return 'check';
    case 'working':
    case 'collect':
      return 'take';
    case 'welcome':
    case 'rate':
    case 'farewell':
    case 'helper':
    case 'fault':
      return null;
  }
}

/** The position in the visit, for the direction in which pages slide. */
export function depthOf(screen: ScreenName): number {
  const station = stationOf(screen);
  return station === null ? (screen === 'welcome' ? -1 : stations.length) : stations.indexOf(station);
}

/** Whose kiosk this is, and where in the visit one is. */
export function Masthead() {
  const { snapshot, words } = useVisit();
  const station = stationOf(snapshot.view.screen);
  const index = station === null ? -1 : stations.indexOf(station);
  return (
    <header className="masthead">
      <span className="chop" lang="zh-CN" aria-hidden="true">
        {words.t('seal')}
      </span>
      <span className="community">{words.local(snapshot.community)}</span>
      {station !== null && (
        <ol className="stations" aria-label={words.t('where', { index: index + 1, of: stations.length })}>
          {stations.map((name, position) => (
            <li
              key={name}
              data-state={position < index ? 'past' : position === index ? 'here' : 'ahead'}
              {...(position === index ? { 'aria-current': 'step' as const } : {})}
            >
              <span className={position === index ? '' : 'unseen'}>{words.t(`where.${name}`)}</span>
            </li>
          ))}
        </ol>
      )}
    </header>
  );
}
