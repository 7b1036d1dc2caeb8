import { Icon } from '../parts/icon.tsx';
import { Page } from '../parts/page.tsx';
import { useVisit } from '../parts/visit.tsx';
import { Printer } from '../scenes/printer.tsx';
import type { ViewOf } from './view.ts';

export function WorkingScreen({ view }: { view: ViewOf<'working'> }) {
  const { words } = useVisit();
  return (
    <Page title={words.t('title.working')} still scene={<Printer state="printing" />}>
      <ol className="paper steps">
        {view.steps.map(({ id, state }) => (
          <li
            key={id}
            data-state={state}
            {...(state === 'active' ? { 'aria-current': 'step' as const } : {})}
          >
            <span className="step-mark" aria-hidden="true">
              {state === 'done' && <Icon name="check" />}
              {state === 'skipped' && <Icon name="away" />}
            </span>
            <strong>{words.t(`working.${id}`)}</strong>
            <span className="step-state">{words.t(`working.${state}`)}</span>
          </li>
        ))}
      </ol>
    </Page>
  );
}
