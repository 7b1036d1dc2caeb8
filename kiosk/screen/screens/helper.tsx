import { Page } from '../parts/page.tsx';
import { Phrases } from '../parts/phrases.tsx';
import { useVisit } from '../parts/visit.tsx';
import { Clerk } from '../scenes/clerk.tsx';
import type { ViewOf } from './view.ts';

export function HelperScreen({ view }: { view: ViewOf<'helper'> }) {
  const { words } = useVisit();
  return (
    <Page title={words.t('title.helper')} still scene={<Clerk says="wait" />}>
      {view.reference !== null && (
        <dl className="paper number">
          <div>
            <dt>{words.t('helper.reference')}</dt>
            <dd>{view.reference}</dd>
          </div>
        </dl>
      )}
      <p className="quiet">
        <Phrases
          text={words.t(view.canReturn ? 'helper.return' : 'helper.finish')}
          language={words.language}
        />
      </p>
    </Page>
  );
}
