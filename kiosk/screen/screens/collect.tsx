import { Control } from '../parts/control.tsx';
import { Icon } from '../parts/icon.tsx';
import { Page } from '../parts/page.tsx';
import { useVisit } from '../parts/visit.tsx';
import { TakePaper } from '../scenes/take-paper.tsx';
import type { ViewOf } from './view.ts';

export function CollectScreen({ view }: { view: ViewOf<'collect'> }) {
  const { words } = useVisit();
  const certificate =
    view.copies === 1 ? words.t('collect.copy') : words.t('collect.copies', { count: view.copies });
  const detail = (item: (typeof view.items)[number]): string => {
    if (item.kind === 'certificate') return certificate;
    return words.t(item.state === 'out' ? 'collect.receipt.out' : 'collect.receipt.skipped');
  };
  return (
    <Page
      title={words.t('title.collect')}
      still
      scene={<TakePaper />}
      actions={
        <Control kind="primary" intent={{ do: 'next' }}>
          <Icon name="check" />
          <span>{words.t('collect.next')}</span>
        </Control>
      }
    >
      <ul className="takings">
        {view.items.map((item) => (
          <li key={item.kind} className="paper" data-state={item.state}>
            <Icon name={item.kind} />
            <strong>{words.t(`collect.${item.kind}`)}</strong>
            <span>{detail(item)}</span>
          </li>
        ))}
        {view.cardPresent && (
          <li className="paper" data-state="card">
            <Icon name="card" />
            <strong>{words.t('collect.card')}</strong>
            <span>{words.t('collect.card.text')}</span>
          </li>
        )}
      </ul>
      <dl className="paper number">
        <div>
          <dt>{words.t('collect.number')}</dt>
          <dd>{view.number}</dd>
        </div>
        <div>
          <dt>{words.t('collect.code')}</dt>
          <dd>{view.code}</dd>
        </div>
      </dl>
    </Page>
  );
}
