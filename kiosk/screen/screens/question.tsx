import { Control } from '../parts/control.tsx';
import { Fitted } from '../parts/fitted.tsx';
import { Icon } from '../parts/icon.tsx';
import { Page } from '../parts/page.tsx';
import { useVisit } from '../parts/visit.tsx';
import { Draft } from '../scenes/draft.tsx';
import type { ViewOf } from './view.ts';

export function QuestionScreen({ view }: { view: ViewOf<'question'> }) {
  const { words } = useVisit();
  const service = words.local(view.service);
  const position = words.t('question.index', { index: view.index, of: view.of });
  return (
    <Page
      over={`${service} · ${position}`}
      title={words.local(view.title)}
      scene={<Draft />}
      actions={
        <Control kind="primary" intent={{ do: 'next' }} disabled={view.answer === null}>
          <span>{words.t(view.answer === null ? 'question.choose' : 'question.next')}</span>
          {view.answer !== null && <Icon name="next" />}
        </Control>
      }
    >
      {view.hint !== null && <p className="hint">{words.local(view.hint)}</p>}
      <Fitted
        of={view.field}
        className="options"
        items={view.options.map((option) => (
          <Control
            key={option.value}
            kind="choice"
            intent={{ do: 'answer', value: option.value }}
            pressed={option.value === view.answer}
          >
            <span className="mark" aria-hidden="true">
              <Icon name="check" />
            </span>
            <span>{words.local(option.label)}</span>
          </Control>
        ))}
      />
    </Page>
  );
}
