import { useEffect, useRef, useState } from 'react';
import { openPdf } from '../pdf.ts';
import { useWords } from '../texts.ts';

interface Props {
  readonly href: string;
  /** Counts from 1. */
  readonly page: number;
  /** How finely it is drawn, CSS pixels from side to side. */
  readonly width: number;
  /** `null` inside something that has a name of its own. */
  readonly label: string | null;
  readonly onPageCount?: (pages: number) => void;
}

type Progress = 'drawing' | 'drawn' | 'unreadable';

/** One page of a PDF, drawn as it would lie in the tray. A4 upright until it is known better. */
export function PdfPage({ href, page, width, label, onPageCount }: Props) {
  const { t } = useWords();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [progress, setProgress] = useState<Progress>('drawing');

  useEffect(() => {
    const target = canvas.current;
    if (!target) return;
    let wanted = true;
    let cancel = () => {};
    const draw = async () => {
      const document = await openPdf(href);
      if (!wanted) return;
      onPageCount?.(document.numPages);
      const sheet = await document.getPage(page);
      if (!wanted) return;
      const scale = (width * devicePixelRatio) / sheet.getViewport({ scale: 1 }).width;
      const viewport = sheet.getViewport({ scale });
      target.width = Math.round(viewport.width);
      target.height = Math.round(viewport.height);
      const rendering = sheet.render({ canvas: target, viewport });
      cancel = () => rendering.cancel();
      await rendering.promise;
      if (wanted) setProgress('drawn');
    };
    setProgress('drawing');
    draw().catch(() => {
      if (wanted) setProgress('unreadable');
    });
    return () => {
      wanted = false;
      cancel();
    };
  }, [href, page, width, onPageCount]);

  return (
    <span className="sheet" data-progress={progress}>
      <canvas
        ref={canvas}
        width={210}
        height={297}
        {...(label === null ? { 'aria-hidden': true } : { role: 'img', 'aria-label': label })}
      />
      {progress !== 'drawn' && (
        <span className="sheet-note">{t(progress === 'drawing' ? 'tray.loading' : 'tray.unreadable')}</span>
      )}
    </span>
  );
}
