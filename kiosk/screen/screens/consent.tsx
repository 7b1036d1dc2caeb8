import { Control } from '../parts/control.tsx';
import { Page } from '../parts/page.tsx';
import { useVisit } from '../parts/visit.tsx';
import { CardToSheet } from '../scenes/draft.tsx';
import type { ViewOf } from './view.ts';

const points = ['what', 'why', 'long', 'refuse'] as const;

export function ConsentScreen({ view }: { view: ViewOf<'consent'> }) {
  const { words } = useVisit();
  return (
    <Page
      over={words.t('consent.holder', { holder: view.holder })}
      title={words.t('title.consent')}
      still
      scene={<CardToSheet />}
      actions={
        <>
          <Control kind="choice" intent={{ do: 'decline' }}>
            {words.t('consent.decline')}
          </Control>
          <Control kind="choice" intent={{ do: 'agree' }}>
            {words.t('consent.agree')}
          </Control>
        </>
      }
    >
      <dl className="paper points">
        {points.map((point) => (
          <div key={point}>
            <dt>{words.t(`consent.${point}`)}</dt>
            <dd>{words.t(`consent.${point}.text`)}</dd>
          </div>
        ))}
      </dl>
    </Page>
  );
}
