import { Hand, Scene, Sheet } from './scene.tsx';

/** Take the paper here: the certificate and the slip, coming out of their slots. */
export function TakePaper() {
  return (
    <Scene>
      <path className="line slab" d="M70 24h460c10 0 16 6 16 16v70H54V40c0-10 6-16 16-16z" />
      <path className="line slot" d="M122 84h214M402 84h92" />
      <g className="slide-once">
        <g transform="translate(229 86) scale(1.22 1.3)">
          <Sheet height={190} />
        </g>
      </g>
      <path className="line sheet-face" d="M412 86h72v138l-12-9-12 9-12-9-12 9-12-9-12 9z" />
      <path className="line thin" d="M428 112h40M428 134h40M428 156h26" />
      <Hand x={316} y={300} turn={12} />
    </Scene>
  );
}
