import { Page } from '../parts/page.tsx';
import { useVisit } from '../parts/visit.tsx';
import { LayCard } from '../scenes/lay-card.tsx';
import type { ViewOf } from './view.ts';

export function CardScreen({ view }: { view: ViewOf<'card'> }) {
  const { words } = useVisit();
  return (
    <Page
      title={words.t('title.card')}
      still
      brief
      attention={view.problem !== null || view.reader === 'unavailable'}
      scene={<LayCard state={view.reader} />}
    >
      <p className="pill" data-reader={view.reader}>
        <span className="lamp" aria-hidden="true" />
        <span>{words.t(`card.${view.reader}`)}</span>
      </p>
    </Page>
  );
}
