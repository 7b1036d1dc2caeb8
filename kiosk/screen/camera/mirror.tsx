import { type RefObject, useEffect, useState } from 'react';
import type { CameraSource } from '../../bridge/index.ts';
import { useVisit } from '../parts/visit.tsx';
import { showCamera } from './pictures.ts';

interface MirrorProps {
  readonly source: CameraSource;
  readonly canvas: RefObject<HTMLCanvasElement | null>;
  readonly onReady: () => void;
}

/** The resident's own picture, as in a mirror. It is wiped when the page is left. */
export function Mirror({ source, canvas, onReady }: MirrorProps) {
  const { ask, words } = useVisit();
  const [ready, setReady] = useState(false);

  // biome-ignore lint/correctness/useExhaustiveDependencies: one camera for as long as the page shows it
  useEffect(() => {
    if (canvas.current === null) return;
    const live = showCamera(source, canvas.current, {
      onReady: () => {
        setReady(true);
        onReady();
      },
      onFailed: () => ask({ do: 'camera-failed' }),
    });
    return () => live.close();
  }, [source.kind, source.kind === 'stills' ? source.href : source.label]);

  return (
    <div className="mirror" data-ready={ready}>
      <canvas ref={canvas} role="img" aria-label={words.t('verify.camera.picture')} data-kind={source.kind} />
      {!ready && <p className="mirror-wait">{words.t('verify.camera.wait')}</p>}
    </div>
  );
}
