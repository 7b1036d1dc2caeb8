import { words } from '../words/texts.ts';

/** Nobody to ask yet: calm, in both languages, and nothing to press. */
export function Connecting() {
  return (
    <main className="connecting" data-screen="connecting">
      <span className="chop" lang="zh-CN" aria-hidden="true">
        {words['zh-CN'].t('seal')}
      </span>
      <h1 lang="zh-CN">{words['zh-CN'].t('connecting.title')}</h1>
      <p lang="zh-CN">{words['zh-CN'].t('connecting.text')}</p>
      <p lang="en">{words.en.t('connecting.title')}</p>
    </main>
  );
}
