/** Where everything stands on a certificate. Pure but for the fonts it measures with. */

import type { FontChain } from './fonts.ts';
import type { CertificateContent } from './layout-content.ts';
import { backgroundOf, heading, lower } from './layout-frame.ts';
import {
  artwork,
  type Block,
  PAGE_SIZE,
  type Page,
  type PlacedLine,
  POINTS_PER_MM,
  type TableRow,
} from './page.ts';
import { fill } from './placeholders.ts';
import { err, ok, type Result } from './result.ts';
import {
  HAIRLINE,
  INK,
  place,
  rule,
  SECONDARY,
  type Setter,
  type SetterProblem,
  type Style,
  setterFor,
} from './setter.ts';
import type { CertificateLanguage, CertificateTemplate } from './template.ts';

export type LayoutError =
  | SetterProblem
  /** The words do not fit on one page even in the smallest size that is still easy to read. */
  | { readonly reason: 'too-long' };

/** Body sizes are tried from the largest; the smallest is 10.9 pt, a little above 五号 (10.5 pt). */
const SCALES = [1, 0.94, 0.88, 0.82, 0.78];
const mm = (length: number): number => length * POINTS_PER_MM;

interface Flow {
  readonly blocks: readonly Block[];
  readonly rules: readonly string[];
  readonly bottom: number;
}

/** The body and the table from `top` downwards. */
const flow = (
  template: CertificateTemplate,
  content: CertificateContent,
  set: Setter,
  top: number,
  scale: number,
): Flow => {
  const { left: leftMm, right: rightMm } = template.page.marginMm;
  const left = mm(leftMm);
  const width = PAGE_SIZE.width - left - mm(rightMm);
  const bilingual = content.language === 'en';
  const blocks: Block[] = [];
  const rules: string[] = [];
  let y = top;

  const paragraph = (
    text: string,
    language: CertificateLanguage,
    style: Style,
    leading: number,
    indent: number,
  ) => {
    const lines = set.paragraph(text, style, width, indent).map((line, index) => {
      y += leading;
      return place(line, left + (index === 0 ? indent : 0), y, style);
    });
    blocks.push({ kind: 'text', tag: 'P', language, lines });
  };
  const chinese: Style = { size: (bilingual ? 13 : 14) * scale };
  const english: Style = { size: 10.5 * scale, colour: SECONDARY, figures: false };
  for (const words of template.body) {
    const text = set.fill(words['zh-CN'], content.values['zh-CN']);
    paragraph(text, 'zh-CN', chinese, chinese.size * 1.85, chinese.size * 2);
    if (bilingual) {
      y += 5 * scale;
      paragraph(set.fill(words.en, content.values.en), 'en', english, english.size * 1.55, 0);
    }
  }

  const label: Style = { size: 11 * scale, colour: SECONDARY };
  const value: Style = { size: 11.5 * scale };
  const small: Style = { size: 9.2 * scale, colour: SECONDARY, figures: false };
  const labelWidth = mm(bilingual ? 52 : 38);
  const gap = mm(2) * scale;
  const padding = mm(2.15) * scale;
  const indent = mm(1.5);
  y += mm(8) * scale;
  rules.push(rule(left, y, width, 0.9, INK));
  const rows: TableRow[] = [];
  for (const { label: words, value: pattern } of template.table) {
    const filled = fill(pattern, content.values['zh-CN']);
    if (!filled.ok) continue;
    y += padding + value.size * 1.06;
    const name = set.line(words['zh-CN'], label);
    const labels = [place(name, left + indent, y, label)];
    if (bilingual) labels.push(place(set.line(words.en, small), left + indent + name.width + gap, y, small));
    const column = width - labelWidth - indent;
    const values: PlacedLine[] = [];
    for (const line of set.paragraph(filled.value, value, column)) {
      if (values.length > 0) y += value.size * 1.45;
      values.push(place(line, left + labelWidth, y, value));
    }
    const translated = bilingual ? set.fill(pattern, content.values.en) : filled.value;
    if (translated !== filled.value) {
      const used = values.at(-1)?.line.width ?? 0;
      const beside = set.line(translated, small);
      if (used + gap + beside.width <= column) {
        values.push(place(beside, left + labelWidth + used + gap, y, small));
      } else {
        for (const line of set.paragraph(translated, small, column)) {
          y += small.size * 1.45;
          values.push(place(line, left + labelWidth, y, small));
        }
      }
    }
    rows.push({ label: labels, value: values });
    y += padding + value.size * 0.22;
    rules.push(rule(left, y, width, 0.5, HAIRLINE));
  }
  if (rows.length > 0) blocks.push({ kind: 'table', rows });
  rules[rules.length - 1] = rule(left, y, width, 0.9, INK);
  return { blocks, rules, bottom: y };
};

/** Lays a certificate out. Every character is known to have a glyph when this answers a page. */
export function layOutCertificate(
  template: CertificateTemplate,
  content: CertificateContent,
  fonts: FontChain,
): Result<Page, LayoutError> {
  const set = setterFor(fonts);
  const head = heading(template, content, set);
  const foot = lower(template, content, set, fonts);
  const limit = mm(Math.min(template.qr.topMm, template.seal.centreMm.y - template.seal.diameterMm / 2) - 4);
  for (const scale of SCALES) {
    const middle = flow(template, content, set, head.bottom + mm(7) * scale, scale);
    const problem = set.problem();
    if (problem !== null) return err(problem);
    if (middle.bottom > limit) continue;
    const rules = ['q', ...head.rules, ...middle.rules, 'Q'].join('\n');
    return ok({
      ...PAGE_SIZE,
      decoration: [backgroundOf(template), artwork(rules)],
      blocks: [...head.blocks, ...middle.blocks, ...foot],
    });
  }
  return err({ reason: 'too-long' });
}
