import { Dialog } from 'react-aria-components/Dialog';
import { Heading } from 'react-aria-components/Heading';
import { Modal, ModalOverlay } from 'react-aria-components/Modal';
import { Control } from './control.tsx';
import { Phrases } from './phrases.tsx';
import { useVisit } from './visit.tsx';

const radius = 54;
const round = 2 * Math.PI * radius;

/** The warning before the visit ends by itself: a ring that empties, and one simple thing to press. */
export function IdleWarning() {
  const { snapshot, words } = useVisit();
  const { idle } = snapshot;
  if (idle === null) return null;
  const left = Math.max(0, Math.min(1, idle.secondsLeft / Math.max(1, idle.of)));
  return (
    <ModalOverlay isOpen className="veil" isKeyboardDismissDisabled>
      <Modal className="leaf">
        <Dialog role="alertdialog" className="idle">
          <svg className="ring" viewBox="0 0 120 120" aria-hidden="true">
            <circle className="ring-track" cx="60" cy="60" r={radius} />
            <circle
              className="ring-left"
              cx="60"
              cy="60"
              r={radius}
              strokeDasharray={round}
              strokeDashoffset={round * (1 - left)}
            />
            <text x="60" y="62" className="ring-number">
              {idle.secondsLeft}
            </text>
          </svg>
          <Heading slot="title">{words.t('title.idle')}</Heading>
          <p>
            <Phrases text={words.t('idle.text')} language={words.language} />
          </p>
          <div className="actions">
            <Control kind="primary" intent={{ do: 'stay' }} autoFocus>
              {words.t('idle.stay')}
            </Control>
            <Control kind="plain" intent={{ do: 'finish' }}>
              {words.t('idle.finish')}
            </Control>
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
