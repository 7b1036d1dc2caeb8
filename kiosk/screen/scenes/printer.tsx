import { Scene, Sheet } from './scene.tsx';

export type PrinterState = 'printing' | 'waiting' | 'empty' | 'jammed' | 'open' | 'full';

/** The printer as it stands there, with what is the matter with it. */
export function Printer({ state }: { state: PrinterState }) {
  return (
    <Scene>
      <Feed state={state} />
      <path
        className="line slab"
        d="M118 166h364c14 0 24 10 24 24v118c0 10-6 16-16 16H110c-10 0-16-6-16-16V190c0-14 10-24 24-24z"
      />
      <path className="line thin" d="M96 206h408" />
      {state === 'open' && (
        <>
          <path className="line inside" d="M150 166h300v34H150z" />
          <path
            className="line slab-edge lift-once"
            d="M150 166 186 58c3-9 9-14 18-14h240c10 0 15 6 13 16l-7 106z"
          />
        </>
      )}
      <circle className={state === 'printing' ? 'light on' : 'light'} cx="462" cy="232" r="9" />
      <path className="line slot" d="M176 254h248" />
      <Output state={state} />
      <path className="line" d="M130 324v14h40v-14M430 324v14h40v-14" />
    </Scene>
  );
}

function Feed({ state }: { state: PrinterState }) {
  if (state === 'open') return null;
  if (state === 'empty') return <path className="line dashed" d="M206 166V52h188v114" />;
  return (
    <>
      <path className="line sheet-face" d="M206 166 212 62h188l-6 104z" />
      <path className="line sheet-face" d="M206 166V52h188v114z" />
    </>
  );
}

function Output({ state }: { state: PrinterState }) {
  switch (state) {
    case 'printing':
      return (
        <g className="slide-once" style={{ clipPath: 'inset(0 0 0 0)' }}>
          <g transform="translate(300 255) scale(1.25 .72)">
            <Sheet height={180} />
          </g>
        </g>
      );
    case 'jammed':
      return (
        <path
          className="line sheet-face"
          d="M206 256h188l-12 24 16 14-26 12 14 24-38-10-14 26-30-20-28 22-14-26-36 12 6-28-30-8 18-18z"
        />
      );
    case 'full':
      return (
        <>
          <path className="line sheet-face" d="M196 258h196l20 104H176z" />
          <path className="line sheet-face" d="M210 258h190l10 88H196z" />
          <path className="line sheet-face" d="M204 258h188l-4 74H210z" />
          <path className="line thin" d="M240 280h118M240 300h90" />
        </>
      );
    case 'waiting':
      return <path className="line dashed" d="M206 258v76h188v-76" />;
    case 'empty':
    case 'open':
      return null;
  }
}
