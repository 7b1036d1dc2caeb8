import { Control } from '../parts/control.tsx';
import { Icon } from '../parts/icon.tsx';
import { Page } from '../parts/page.tsx';
import { useVisit } from '../parts/visit.tsx';
import { Printer, type PrinterState } from '../scenes/printer.tsx';
import type { ViewOf } from './view.ts';

type Fault = ViewOf<'fault'>;

function pictureOf(kind: Fault['kind']): PrinterState {
  switch (kind) {
    case 'paper-out':
      return 'empty';
    case 'paper-jam':
      return 'jammed';
    case 'cover-open':
      return 'open';
    case 'output-full':
      return 'full';
    case 'toner-out':
    case 'unreachable':
    case 'broken':
    case 'outcome-unknown':
      return 'waiting';
  }
}

export function FaultScreen({ view }: { view: Fault }) {
  const { words } = useVisit();
  const device = words.t(`device.${view.device}`);
  const goesOn = view.kind !== 'broken' && view.kind !== 'outcome-unknown';
  const next = view.canSkip
    ? words.t(goesOn ? 'fault.next.skip' : 'fault.next.skip-only')
    : words.t(`fault.next.${view.kind}`);
  const blocks = [
    { about: 'what', text: words.t(`fault.what.${view.kind}`, { device }), icon: 'attention' },
    { about: 'safe', text: words.t(`fault.safe.${view.device}`), icon: 'check' },
    { about: 'next', text: next, icon: 'wait' },
  ] as const;
  return (
    <Page
      title={words.t('title.fault')}
      still
      attention
      scene={<Printer state={pictureOf(view.kind)} />}
      {...(view.canSkip
        ? {
            actions: (
              <Control kind="primary" intent={{ do: 'skip' }}>
                {words.t('fault.skip')}
              </Control>
            ),
          }
        : {})}
    >
      <dl className="blocks">
        {blocks.map(({ about, text, icon }) => (
          <div key={about} className="paper" data-about={about}>
            <dt>
              <Icon name={icon} />
              <span>{words.t(`fault.${about}`)}</span>
            </dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </Page>
  );
}
