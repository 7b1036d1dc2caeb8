import { Control } from '../parts/control.tsx';
import { Fitted } from '../parts/fitted.tsx';
import { Page } from '../parts/page.tsx';
import { useVisit } from '../parts/visit.tsx';
import { Street } from '../scenes/street.tsx';
import { GroupTileControl, ServiceTileControl } from './tiles.tsx';
import type { ViewOf } from './view.ts';

type Home = ViewOf<'home'>;

/** Elder mode shows no more than this at once. */
const elderTiles = 4;

export function HomeScreen({ view }: { view: Home }) {
  const { words, snapshot } = useVisit();
  const { elder } = snapshot.settings;
  return (
    <Page title={words.t('title.home', { holder: view.holder })} scene={<Street />}>
      {snapshot.offerElder && <OfferElder />}
      {elder ? <ElderTiles view={view} /> : <StandardTiles view={view} />}
    </Page>
  );
}

function StandardTiles({ view }: { view: Home }) {
  const { words } = useVisit();
  return (
    <>
      {view.services.length > 0 && (
        <section className="shelf" aria-label={words.t('home.services')}>
          <h2>{words.t('home.services')}</h2>
          <Fitted
            of="services"
            className="tiles services"
            items={view.services.map((service) => <ServiceTileControl key={service.id} service={service} />)}
          />
        </section>
      )}
      {view.groups.length > 0 && (
        <section className="shelf" aria-label={words.t('home.groups')}>
          <h2>{words.t('home.groups')}</h2>
          <Fitted
            of="groups"
            className="tiles groups"
            items={view.groups.map((group) => <GroupTileControl key={group.id} group={group} />)}
          />
        </section>
      )}
    </>
  );
}

function ElderTiles({ view }: { view: Home }) {
  const services = view.services.slice(0, elderTiles);
  const groups = view.groups.slice(0, elderTiles - services.length);
  return (
    <div className="tiles elder-tiles" data-count={services.length + groups.length}>
      {services.map((service) => (
        <ServiceTileControl key={service.id} service={service} />
      ))}
      {groups.map((group) => (
        <GroupTileControl key={group.id} group={group} />
      ))}
    </div>
  );
}

/** Offered to a card of sixty years or more, never forced: everything else on the page can be pressed as well. */
function OfferElder() {
  const { words } = useVisit();
  return (
    <section className="offer" aria-label={words.t('home.elder.title')}>
      <p>{words.t('home.elder.title')}</p>
      <Control kind="plain" intent={{ do: 'decline' }}>
        {words.t('home.elder.no')}
      </Control>
      <Control kind="plain" className="yes" intent={{ do: 'elder-mode' }}>
        {words.t('home.elder.yes')}
      </Control>
    </section>
  );
}
