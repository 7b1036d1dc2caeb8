const mouths = {
  5: 'M14 27c3 9 17 9 20 0z',
  4: 'M15 29c5 6 13 6 18 0',
  3: 'M16 31c5 2 11 2 16 0',
  2: 'M16 33c5-3 11-3 16 0',
  1: 'M15 35c5-7 13-7 18 0',
} as const;

const eyes = {
  5: 'M14 20c1-4 6-4 7 0M27 20c1-4 6-4 7 0',
  4: 'M17.5 17v3M30.5 17v3',
  3: 'M17.5 17v3M30.5 17v3',
  2: 'M17.5 18v3M30.5 18v3',
  1: 'M13 16l7 3M35 16l-7 3M17.5 20v2M30.5 20v2',
} as const;

/** A face for a rating, five the happiest. */
export function Face({ rating }: { rating: 1 | 2 | 3 | 4 | 5 }) {
  return (
    <svg className="face" viewBox="0 0 48 48" aria-hidden="true" focusable="false">
      <circle className="tint" cx="24" cy="24" r="20" />
      <path d={eyes[rating]} />
      <path d={mouths[rating]} className={rating === 5 ? 'open-mouth' : ''} />
    </svg>
  );
}
