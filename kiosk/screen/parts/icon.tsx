import type { ReactNode } from 'react';

/**
 * One set of two-tone icons on a 24 grid: `tint` is filled faintly, the rest are strokes in the colour of the word
 * beside it. Every icon stands with its word, so all are hidden from screen readers.
 */
const icons = {
  back: <path d="M14.5 5 7.5 12l7 7M8 12h11" />,
  repeat: (
    <>
      <path className="tint" d="M4 9.5h3.5L12 5.5v13l-4.5-4H4z" />
      <path d="M15.5 9a4.2 4.2 0 0 1 0 6M18 6.5a7.6 7.6 0 0 1 0 11" />
    </>
  ),
  help: (
    <>
      <circle className="tint" cx="9" cy="8" r="3.5" />
      <path className="tint" d="M2.8 19.5c.5-4 3-6 6.2-6s5.7 2 6.2 6z" />
      <path d="M16.5 5.5c1.2-1.3 3.9-.9 3.9 1.1 0 1.7-2 1.8-2 3.6M18.4 13.2v.1" />
    </>
  ),
  finish: (
    <>
      <path className="tint" d="M5 4.5h8v15H5z" />
      <path d="M11 12h9M17 8.5l3.5 3.5-3.5 3.5" />
    </>
  ),
  text: (
    <>
      <path d="M3 18.5 8 6l5 12.5M4.8 14.5h6.4" />
      <path d="M14.5 18.5l3-7.5 3 7.5M15.6 16h3.8" />
    </>
  ),
  contrast: (
    <>
      <circle cx="12" cy="12" r="8" />
      <path className="solid" d="M12 4a8 8 0 0 1 0 16z" />
    </>
  ),
  language: (
    <>
      <circle className="tint" cx="12" cy="12" r="8.2" />
      <path d="M3.8 12h16.4M12 3.8c5 5 5 11.4 0 16.4M12 3.8c-5 5-5 11.4 0 16.4" />
    </>
  ),
  elder: (
    <>
      <circle className="tint" cx="10" cy="6" r="3" />
      <path className="tint" d="M5.5 20c0-6 1-9.5 4.5-9.5s4.5 3.5 4.5 9.5z" />
      <path d="M14 13.5h4.5V20" />
    </>
  ),
  certificate: (
    <>
      <path className="tint" d="M5 3.5h14v17H5z" />
      <path d="M8 8h8M8 11.5h8M8 15h3" />
      <circle className="seal" cx="15.5" cy="16" r="2.2" />
    </>
  ),
  receipt: (
    <>
      <path className="tint" d="M7 3.5h10v17l-2.5-1.6-2.5 1.6-2.5-1.6L7 20.5z" />
      <path d="M9.5 8h5M9.5 11.5h5" />
    </>
  ),
  card: (
    <>
      <rect className="tint" x="3" y="5.5" width="18" height="13" rx="1.8" />
      <path d="M6 10h5M6 13h4" />
      <circle cx="16" cy="10.5" r="1.8" />
      <path d="M13 15.8c.4-2 1.5-2.8 3-2.8s2.6.8 3 2.8" />
    </>
  ),
  benefit: (
    <>
      <circle className="tint" cx="12" cy="12" r="8.2" />
      <path d="M8.5 7.5 12 12l3.5-4.5M8.5 12h7M8.5 15h7M12 12v5.5" />
    </>
  ),
  care: (
    <path
      className="tint"
      d="M12 19.5C6 15.5 3.5 12.5 3.5 9c0-2.6 1.9-4.5 4.2-4.5 1.9 0 3.3 1 4.3 2.8 1-1.8 2.4-2.8 4.3-2.8 2.3 0 4.2 1.9 4.2 4.5 0 3.5-2.5 6.5-8.5 10.5z"
    />
  ),
  health: (
    <>
      <rect className="tint" x="4" y="4" width="16" height="16" rx="3" />
      <path d="M12 8v8M8 12h8" />
    </>
  ),
  home: (
    <>
      <path className="tint" d="M5 11v9h14v-9" />
      <path d="M3 12 12 4l9 8M10 20v-5h4v5" />
    </>
  ),
  people: (
    <>
      <circle className="tint" cx="8.5" cy="8" r="3" />
      <circle className="tint" cx="16.5" cy="9" r="2.5" />
      <path d="M3 19c.4-4 2.5-5.8 5.5-5.8S13.6 15 14 19zM15.5 14c3 0 5 1.5 5.5 5h-4" />
    </>
  ),
  repair: (
    <path
      className="tint"
      d="M14.5 5a4.5 4.5 0 0 0-5 6L4 16.5 7.5 20l5.5-5.5a4.5 4.5 0 0 0 6-5l-3 2.5-2.5-.5-.5-2.5z"
    />
  ),
  search: (
    <>
      <circle className="tint" cx="10.5" cy="10.5" r="6" />
      <path d="m15 15 5.5 5.5" />
    </>
  ),
  map: (
    <>
      <path className="tint" d="M12 21c4.5-5 6.5-8 6.5-11a6.5 6.5 0 1 0-13 0c0 3 2 6 6.5 11z" />
      <circle cx="12" cy="10" r="2.3" />
    </>
  ),
  erase: (
    <>
      <path className="tint" d="M8.5 6H20v12H8.5L3.5 12z" />
      <path d="m11.5 9.5 5 5M16.5 9.5l-5 5" />
    </>
  ),
  check: <path d="m4.5 12.5 5 5 10-11" />,
  wait: (
    <>
      <circle className="tint" cx="12" cy="12" r="8.2" />
      <path d="M12 7v5l3.5 2" />
    </>
  ),
  away: (
    <>
      <circle className="tint" cx="12" cy="12" r="8.2" />
      <path d="M8 12h8" />
    </>
  ),
  attention: (
    <>
      <path className="tint" d="M12 4 21 19.5H3z" />
      <path d="M12 10v4.5M12 17.2v.1" />
    </>
  ),
  camera: (
    <>
      <path className="tint" d="M3.5 7.5h4l1.5-2.5h6l1.5 2.5h4v11.5h-17z" />
      <circle cx="12" cy="13" r="3.5" />
    </>
  ),
  next: <path d="M5 12h13M12.5 6l6 6-6 6" />,
  more: <path d="m5 9 7 7 7-7" />,
  offline: (
    <>
      <path d="M4 10c4.5-4.5 11.5-4.5 16 0M7.5 13.5c2.5-2.5 6.5-2.5 9 0M12 17.5v.1" />
      <path d="m4 20 16-16" />
    </>
  ),
} as const satisfies Record<string, ReactNode>;

export type IconName = keyof typeof icons;

const isIcon = (name: string): name is IconName => Object.hasOwn(icons, name);

/** The icon of that name; a name from a service's description that is not in the set shows a certificate. */
export function Icon({ name }: { name: string }) {
  return (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      {isIcon(name) ? icons[name] : icons.certificate}
    </svg>
  );
}
