import { Page } from '../parts/page.tsx';
import { useVisit } from '../parts/visit.tsx';
import { LayCard } from '../scenes/lay-card.tsx';
import { Tea } from '../scenes/tea.tsx';
import type { ViewOf } from './view.ts';

export function FarewellScreen({ view }: { view: ViewOf<'farewell'> }) {
  const { words } = useVisit();
  return (
    <Page
      title={words.t(view.cardPresent ? 'farewell.card' : 'title.farewell')}
      attention={view.cardPresent}
      still
      brief
      scene={view.cardPresent ? <LayCard state="take" /> : <Tea />}
    >
      <p className="paper note">
        <strong>{words.t(`farewell.${view.outcome}`)}</strong>
      </p>
    </Page>
  );
}
