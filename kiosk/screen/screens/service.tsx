import { Fitted } from '../parts/fitted.tsx';
import { Page } from '../parts/page.tsx';
import { useVisit } from '../parts/visit.tsx';
import { Street } from '../scenes/street.tsx';
import { ServiceTileControl } from './tiles.tsx';
import type { ViewOf } from './view.ts';

export function ServiceScreen({ view }: { view: ViewOf<'service'> }) {
  const { words } = useVisit();
  return (
    <Page title={words.local(view.group.title)} scene={<Street />}>
      {view.services.length === 0 ? (
        <p className="paper note">
          <strong>{words.t('service.empty')}</strong>
        </p>
      ) : (
        <Fitted
          of={view.group.id}
          className="tiles list"
          items={view.services.map((service) => <ServiceTileControl key={service.id} service={service} />)}
        />
      )}
    </Page>
  );
}
