import { Control } from './control.tsx';
import { Icon } from './icon.tsx';
import { useVisit } from './visit.tsx';

const largest = 3;

/** How the page is shown, a tap away on every page: size, contrast, elder mode, language. */
export function SettingsRow({ withElder }: { withElder: boolean }) {
  const { snapshot, words } = useVisit();
  const { language, textSize, contrast, elder } = snapshot.settings;
  const other = language === 'en' ? 'zh-CN' : 'en';
  return (
    <section className="settings" aria-label={words.t('settings')}>
      <Control kind="setting" intent={{ do: 'text-size' }}>
        <Icon name="text" />
        <span>{words.t(textSize < largest ? 'settings.text-size' : 'settings.text-size.reset')}</span>
      </Control>
      <Control kind="setting" intent={{ do: 'contrast' }} pressed={contrast === 'high'}>
        <Icon name="contrast" />
        <span>{words.t(contrast === 'high' ? 'settings.contrast.normal' : 'settings.contrast.high')}</span>
      </Control>
      {withElder && (
        <Control kind="setting" intent={{ do: 'elder-mode' }} pressed={elder}>
          <Icon name="elder" />
          <span>{words.t(elder ? 'settings.standard' : 'settings.elder')}</span>
        </Control>
      )}
      <Control kind="setting" intent={{ do: 'language', language: other }} language={other}>
        <Icon name="language" />
        <span>{words.t(`language.${other}`)}</span>
      </Control>
    </section>
  );
}
