import type { ServiceTile } from '../../bridge/index.ts';
import { Control } from '../parts/control.tsx';
import { Icon } from '../parts/icon.tsx';
import { useVisit } from '../parts/visit.tsx';
import type { ViewOf } from './view.ts';

type Group = ViewOf<'home'>['groups'][number];

/** A service with its honest state: pressed only when it can be begun. */
export function ServiceTileControl({ service }: { service: ServiceTile }) {
  const { words } = useVisit();
  const { state, reason, canBegin } = service.availability;
  return (
    <Control kind="tile" className="service" intent={{ do: 'service', id: service.id }} disabled={!canBegin}>
      <Icon name={service.icon} />
      <span className="tile-words">
        <strong>{words.local(service.title)}</strong>
        <span className="summary">{words.local(service.summary)}</span>
        <span className="state" data-state={state}>
          <Icon name={state === 'now' ? 'check' : state === 'later' ? 'wait' : 'away'} />
          <span>{words.t(reason === null ? `availability.${state}` : `availability.${reason}`)}</span>
        </span>
      </span>
    </Control>
  );
}

export function GroupTileControl({ group }: { group: Group }) {
  const { words } = useVisit();
  return (
    <Control kind="tile" className="group" intent={{ do: 'group', id: group.id }}>
      <Icon name={group.icon} />
      <strong>{words.local(group.title)}</strong>
    </Control>
  );
}
