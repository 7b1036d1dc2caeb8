import { useEffect, useState } from 'react';
import { words } from '../words/texts.ts';

/** A core starts in a few seconds, and is started again when it ends: after this, milliseconds, somebody is needed. */
const LATE_MS = 40_000;

/** Nobody to ask yet: calm, in both languages, and nothing to press. When it lasts, people are sent to people. */
export function Connecting({ late }: { readonly late: boolean }) {
  const said = (['zh-CN', 'en'] as const).map((language) => {
    const its = words[language];
    return {
      language,
      title: late ? its.t('connecting.late.title') : its.t('connecting.title'),
      text: late ? its.t('connecting.late.text') : its.t('connecting.text'),
    };
  });
  return (
    <main className="connecting" data-screen="connecting">
      <span className="chop" lang="zh-CN" aria-hidden="true">
        {words['zh-CN'].t('seal')}
      </span>
      <div role="status">
        {said.map(({ language, title, text }, index) => (
          <div key={language} lang={language}>
            {index === 0 ? <h1>{title}</h1> : <p>{title}</p>}
            <p>{text}</p>
          </div>
        ))}
      </div>
    </main>
  );
}

/** True once what is shown has been shown for too long. */
export function useLate(): boolean {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), LATE_MS);
    return () => clearTimeout(timer);
  }, []);
  return late;
}
