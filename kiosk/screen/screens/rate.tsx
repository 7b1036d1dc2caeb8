import { Control } from '../parts/control.tsx';
import { Page } from '../parts/page.tsx';
import { useVisit } from '../parts/visit.tsx';
import { Clerk } from '../scenes/clerk.tsx';
import { Face } from '../scenes/face.tsx';

/** The five levels of GB/T 39734, best first, none chosen beforehand. */
const levels = [5, 4, 3, 2, 1] as const;

export function RateScreen() {
  const { words } = useVisit();
  return (
    <Page
      title={words.t('title.rate')}
      scene={<Clerk says="heart" />}
      actions={
        <Control kind="plain" intent={{ do: 'skip' }}>
          {words.t('rate.skip')}
        </Control>
      }
    >
      <div className="rates">
        {levels.map((rating) => (
          <Control key={rating} kind="choice" intent={{ do: 'rate', rating }}>
            <Face rating={rating} />
            <span>{words.t(`rate.${rating}`)}</span>
          </Control>
        ))}
      </div>
    </Page>
  );
}
