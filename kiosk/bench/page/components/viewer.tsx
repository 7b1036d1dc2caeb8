import { useEffect, useRef, useState } from 'react';
import type { TrayItem } from '../../wire.ts';
import { useWords } from '../texts.ts';
import { PdfPage } from './pdf-page.tsx';

interface ViewerProps {
  readonly items: readonly TrayItem[];
  readonly chosen: string | null;
  readonly onChoose: (id: string | null) => void;
  readonly onTake: (id: string) => void;
}

/** A paper held up to the eyes: leafed through, taken or put back. */
export function Viewer({ items, chosen, onChoose, onTake }: ViewerProps) {
  const { t } = useWords();
  const dialog = useRef<HTMLDialogElement>(null);
  const [pages, setPages] = useState(1);
  const item = items.find((one) => one.id === chosen);
  const siblings = items.filter((one) => one.kind === item?.kind);
  const place = siblings.findIndex((one) => one.id === chosen);

  useEffect(() => {
    const element = dialog.current;
    if (!element) return;
    if (item && !element.open) element.showModal();
    if (!item && element.open) element.close();
  }, [item]);

  const label = item ? t(`tray.${item.kind}`) : '';
  const turn = (step: number) => onChoose(siblings[place + step]?.id ?? chosen);
  return (
    <dialog ref={dialog} className="viewer" aria-label={label} onClose={() => onChoose(null)}>
      {item && (
        <>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
          <section className="viewer-sheet" tabIndex={0} aria-label={label}>
            {item.kind === 'certificate' ? (
              Array.from({ length: pages }, (_, index) => index + 1).map((page) => (
                <PdfPage
                  key={`${item.id} ${page}`}
                  href={item.href}
                  page={page}
                  width={620}
                  label={`${label} ${page}/${pages}`}
                  onPageCount={setPages}
                />
              ))
            ) : (
              <img src={item.href} alt={label} />
            )}
          </section>
          <div className="viewer-bar">
            <button type="button" disabled={place <= 0} onClick={() => turn(-1)}>
              {t('tray.previous')}
            </button>
            <span>
              {place + 1} / {siblings.length}
            </span>
            <button type="button" disabled={place >= siblings.length - 1} onClick={() => turn(1)}>
              {t('tray.next')}
            </button>
            <span className="grow" />
            <button type="button" onClick={() => onChoose(null)}>
              {t('tray.close')}
            </button>
            <button
              type="button"
              className="primary"
              onClick={() => {
                onTake(item.id);
                onChoose(null);
              }}
            >
              {t('tray.take')}
            </button>
          </div>
        </>
      )}
    </dialog>
  );
}
