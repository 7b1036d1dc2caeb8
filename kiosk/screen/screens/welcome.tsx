import { Control } from '../parts/control.tsx';
import { Icon } from '../parts/icon.tsx';
import { Page } from '../parts/page.tsx';
import { useVisit } from '../parts/visit.tsx';
import { LayCard } from '../scenes/lay-card.tsx';

export function WelcomeScreen() {
  const { words, orientation, snapshot } = useVisit();
  return (
    <Page
      title={words.t('title.welcome')}
      brief
      scene={<LayCard landscape={orientation} />}
      actions={
        <Control kind="primary" className="grand" intent={{ do: 'start' }}>
          <span>{words.t('welcome.start')}</span>
          <Icon name="next" />
        </Control>
      }
    >
      {snapshot.network === 'offline' && (
        <p className="pill">
          <Icon name="offline" />
          <span>{words.t('offline')}</span>
        </p>
      )}
    </Page>
  );
}
