import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { type Language, type LocalText, languages, localTextSchema } from '../../bridge/index.ts';
import { clipName } from './clips.ts';

/** A sentence that is spoken. */
export interface Sentence {
  readonly language: Language;
  readonly text: string;
  /** The catalogue's key or the service's question: where a person finds it. */
  readonly from: string;
  readonly clip: string;
}

/** A sentence with a gap for a name or a number has no clip of its own. */
const hasGap = (text: string): boolean => /\{[^}]*\}/.test(text);

const sentence = (language: Language, text: string, from: string): Sentence[] =>
  hasGap(text) || text.trim() === '' ? [] : [{ language, text, from, clip: clipName(text) }];

const inAll = (text: LocalText, from: string): Sentence[] =>
  languages.flatMap((language) => sentence(language, text[language], from));

/** What is said in a service: every `say` anywhere in it, and the titles of its questions. */
export function spokenIn(service: unknown, from: string): Sentence[] {
  if (Array.isArray(service)) return service.flatMap((item) => spokenIn(item, from));
  if (typeof service !== 'object' || service === null) return [];
  return Object.entries(service).flatMap(([key, value]) => {
    if (key === 'say') {
      const local = localTextSchema.safeParse(value);
      if (local.success) return inAll(local.data, `${from} say`);
    }
    if (key === 'questions' && Array.isArray(value)) {
      const titles = value.flatMap((question, index) => {
        const titled = z.object({ title: localTextSchema }).safeParse(question);
        return titled.success ? inAll(titled.data.title, `${from} question ${index + 1}`) : [];
      });
      return [...titles, ...spokenIn(value, from)];
    }
    return spokenIn(value, from);
  });
}

/** Every sentence of the catalogues and services below `assets`, each once. */
export function sentencesOf(assets: string): readonly Sentence[] {
  const fromTexts = languages.flatMap((language) => {
    const file = path.join(assets, 'texts', `${language}.json`);
    const texts = z.record(z.string(), z.string()).parse(JSON.parse(readFileSync(file, 'utf8')));
    return Object.entries(texts).flatMap(([key, text]) =>
      key.startsWith('say.') ? sentence(language, text, key) : [],
    );
  });
  const services = readdirSync(path.join(assets, 'services'), { withFileTypes: true });
  const fromServices = services.flatMap((entry) => {
    if (!entry.isDirectory()) return [];
    const file = path.join(assets, 'services', entry.name, 'service.yaml');
    return spokenIn(parse(readFileSync(file, 'utf8')), entry.name);
  });
  const once = new Map([...fromTexts, ...fromServices].map((one) => [`${one.language}/${one.clip}`, one]));
  return [...once.values()];
}
