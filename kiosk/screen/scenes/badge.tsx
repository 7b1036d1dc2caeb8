import { Hand, Scene } from './scene.tsx';

/** A worker's badge before the scanner. */
export function Badge() {
  return (
    <Scene>
      <path className="line slab" d="M70 300h250c8 0 14 6 14 14v56H56v-56c0-8 6-14 14-14z" />
      <rect className="line lens" x="110" y="318" width="170" height="34" rx="10" />
      <path className="beam" d="M130 318 250 150h110L262 318z" />
      <path className="line seal-line" d="M128 335h134" />
      <g className="lay-once">
        <g transform="rotate(7 330 150)">
          <path className="line thin" d="M318-12 330 34M344-12 332 34" />
          <rect className="line slab-edge" x="312" y="30" width="38" height="18" rx="5" />
          <rect className="line card-face" x="256" y="44" width="150" height="200" rx="14" />
          <circle className="line thin tint" cx="331" cy="92" r="20" />
          <path className="line thin tint" d="M294 150c4-26 18-36 37-36s33 10 37 36z" />
          <path className="line thin" d="M288 168h86" />
          <path
            className="code"
            d="M300 182h16v16h-16zM346 182h16v16h-16zM300 216h16v16h-16zM322 182h8v8h-8zM334 192h8v8h-8zM322 200h8v12h-8zM334 208h12v8h-12zM350 206h12v8h-12zM322 220h8v12h-8zM338 222h10v10h-10zM354 220h8v12h-8z"
          />
        </g>
        <Hand x={396} y={176} turn={-4} />
      </g>
    </Scene>
  );
}
