/** What frames the words: background, title and number above; QR code, seal, sign-off and small print below. */
import type { FontChain } from './fonts.ts';
import type { CertificateContent } from './layout-content.ts';
import { guilloche, rgb } from './ornaments.ts';
import { type Artwork, artwork, type Block, lastingArtwork, PAGE_SIZE, POINTS_PER_MM } from './page.ts';
import { qrOperators } from './qr.ts';
import { sealOperators } from './seal.ts';
import { centred, place, rule, SECONDARY, type Setter, type Style } from './setter.ts';
import type { CertificateLanguage, CertificateTemplate, Words } from './template.ts';

const mm = (length: number): number => length * POINTS_PER_MM;

/** The same for every certificate of a template, therefore made once. */
const decorations = new WeakMap<CertificateTemplate, Artwork>();
const seals = new WeakMap<CertificateTemplate, Map<string, Artwork>>();

export const backgroundOf = (template: CertificateTemplate): Artwork => {
  let drawn = decorations.get(template);
  if (!drawn) {
    const options = {
      ...PAGE_SIZE,
      inset: mm(9),
      band: mm(6.5),
      centre: { x: PAGE_SIZE.width / 2, y: mm(146) },
      radius: mm(66),
      borderColour: template.background.border,
      rosetteColour: template.background.rosette,
    };
    drawn = lastingArtwork(guilloche(options));
    decorations.set(template, drawn);
  }
  return drawn;
};

const sealOf = (template: CertificateTemplate, text: string, set: Setter, fonts: FontChain): Artwork => {
  const drawnFor = seals.get(template) ?? new Map<string, Artwork>();
  seals.set(template, drawnFor);
  let drawn = drawnFor.get(text);
  if (!drawn) {
    const { centreMm, diameterMm, colour, caption } = template.seal;
    const centre = { x: mm(centreMm.x), y: mm(centreMm.y) };
    const options = { text, caption, centre, diameter: mm(diameterMm), colour };
    drawn = lastingArtwork(set.take(sealOperators(options, fonts), ''));
    if (set.problem() === null) drawnFor.set(text, drawn);
  }
  return drawn;
};

/** Title, its English companion, the certificate's number and, where it applies, the offline mark. */
export const heading = (template: CertificateTemplate, content: CertificateContent, set: Setter) => {
  const { top, left, right } = template.page.marginMm;
  const own = content.values['zh-CN'];
  const middle = PAGE_SIZE.width / 2;
  const title: Style = { size: 30, weight: 'bold', spacing: 9 };
  const subtitle: Style = { size: 10.5, spacing: 1.6, colour: SECONDARY };
  const small: Style = { size: 10.5 };
  const titleY = mm(top) + 26;
  const numberY = titleY + 58;
  const number = set.line(`${wordsIn(template.labels.number, content.language)} ${own.number}`, small);
  const blocks: Block[] = [
    {
      kind: 'text',
      tag: 'H1',
      language: 'zh-CN',
      lines: [centred(set.line(template.title['zh-CN'], title), middle, titleY, title)],
    },
    {
      kind: 'text',
      tag: 'H2',
      language: 'en',
      lines: [centred(set.line(template.title.en.toUpperCase(), subtitle), middle, titleY + 21, subtitle)],
    },
    {
      kind: 'text',
      tag: 'P',
      language: 'zh-CN',
      lines: [place(number, PAGE_SIZE.width - mm(right) - number.width, numberY, small)],
    },
  ];
  const rules = [rule(middle - 30, titleY + 33, 60, 0.9, template.seal.colour)];
  if (content.offline) {
    const mark: Style = { size: 9.5, colour: template.seal.colour };
    const line = set.line(wordsIn(template.labels.offline, content.language), mark);
    const [x, y] = [mm(left), numberY];
    blocks.push({ kind: 'text', tag: 'P', language: 'zh-CN', lines: [place(line, x + 6, y, mark)] });
    rules.push(
      `${rgb(template.seal.colour)} RG 0.7 w ${x.toFixed(2)} ${(y - 12).toFixed(2)} ${(line.width + 12).toFixed(2)} 17 re S`,
    );
  }
  return { blocks, rules, bottom: numberY };
};

const wordsIn = (words: Words, language: CertificateLanguage): string =>
  language === 'en' ? `${words['zh-CN']} ${words.en}` : words['zh-CN'];

const inFours = (code: string): string => code.replace(/.{4}(?=.)/g, '$& ');

/** The QR code with what people type instead, the seal with the issuer and the date on it, and the small print. */
export const lower = (
  template: CertificateTemplate,
  content: CertificateContent,
  set: Setter,
  fonts: FontChain,
): Block[] => {
  const own = content.values['zh-CN'];
  const { leftMm, topMm, sideMm } = template.qr;
  const code: Style = { size: content.language === 'en' ? 9.5 : 10.5, weight: 'bold', spacing: 0.6 };
  const small: Style = { size: 8.5, colour: SECONDARY };
  const codeMiddle = mm(leftMm + sideMm / 2);
  const codeY = mm(topMm + sideMm) + 21;
  const typed = `${wordsIn(template.labels.code, content.language)} ${inFours(own.code)}`;
  const number = `${wordsIn(template.labels.number, content.language)} ${own.number}`;
  const { centreMm } = template.seal;
  const sealX = mm(centreMm.x);
  const signOff: Style = { size: 13 };
  const issuer = set.fill(template.issuer, own);
  const sealText = set.fill(template.seal.text, own);
  const sealY = mm(centreMm.y);
  const signed = [centred(set.line(issuer, signOff), sealX, sealY - mm(7.6), signOff)];
  signed.push(centred(set.line(own.issuedOn, signOff), sealX, sealY + mm(9.4), signOff));
  if (content.language === 'en') {
    const date = set.line(content.values.en.issuedOn, small);
    signed.push(centred(date, sealX, sealY + mm(template.seal.diameterMm / 2) + 14, small));
  }
  return [
    {
      kind: 'figure',
      alt: `二维码：核验地址与签名声明，核验码 ${inFours(own.code)}`,
      artwork: artwork(qrOperators(content.qr, mm(leftMm), mm(topMm), mm(sideMm))),
    },
    {
      kind: 'text',
      tag: 'P',
      language: 'zh-CN',
      lines: [
        centred(set.line(typed, code), codeMiddle, codeY, code),
        centred(set.line(number, small), codeMiddle, codeY + 14, small),
      ],
    },
    {
      kind: 'figure',
      alt: `印章：${sealText}${template.seal.caption}`,
      artwork: sealOf(template, sealText, set, fonts),
    },
    { kind: 'text', tag: 'P', language: 'zh-CN', lines: signed },
    ...footer(template, content, set),
  ];
};

const footer = (template: CertificateTemplate, content: CertificateContent, set: Setter): Block[] => {
  const { left, right, bottom } = template.page.marginMm;
  const style: Style = { size: 8, colour: SECONDARY, figures: false };
  const width = PAGE_SIZE.width - mm(left) - mm(right);
  const texts = template.footer.flatMap((words) =>
    (content.language === 'en' ? (['zh-CN', 'en'] as const) : (['zh-CN'] as const)).map((language) => ({
      language,
      lines: set.paragraph(set.fill(words[language], content.values[language]), style, width),
    })),
  );
  const leading = 12;
  const count = texts.reduce((sum, { lines }) => sum + lines.length, 0);
  let y = PAGE_SIZE.height - mm(bottom) - count * leading;
  return texts.map(({ language, lines }) => ({
    kind: 'text' as const,
    tag: 'P' as const,
    language,
    lines: lines.map((line) => {
      y += leading;
      return centred(line, PAGE_SIZE.width / 2, y, style);
    }),
  }));
};
