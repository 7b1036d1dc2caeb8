import { Control } from '../parts/control.tsx';
import { Fitted } from '../parts/fitted.tsx';
import { Icon } from '../parts/icon.tsx';
import { Page } from '../parts/page.tsx';
import { useVisit } from '../parts/visit.tsx';
import { Draft } from '../scenes/draft.tsx';
import type { ViewOf } from './view.ts';

export function CheckScreen({ view }: { view: ViewOf<'check'> }) {
  const { words } = useVisit();
  return (
    <Page
      over={words.local(view.service)}
      title={words.t('title.check')}
      scene={<Draft finished />}
      actions={
        <Control kind="primary" intent={{ do: 'confirm' }}>
          <Icon name="check" />
          <span>{words.t('check.confirm')}</span>
        </Control>
      }
    >
      <Fitted
        of="rows"
        className="paper rows"
        items={view.rows.map((row) => (
          <div key={row.field} className="row" data-changeable={row.changeable}>
            <span className="row-label">{words.local(row.label)}</span>
            <span className="row-value">{words.local(row.value)}</span>
            {row.changeable && (
              <Control
                kind="plain"
                intent={{ do: 'change', field: row.field }}
                label={words.t('check.change.of', { label: words.local(row.label) })}
              >
                {words.t('check.change')}
              </Control>
            )}
          </div>
        ))}
      />
    </Page>
  );
}
