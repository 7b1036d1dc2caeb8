// `npm run voice -- <build|check|script>`: the clips of everything the kiosk says.
import { rmSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { languages } from '../../bridge/index.ts';
import { clipsIn } from './clips.ts';
import { readLexicon } from './lexicon.ts';
import { commandEngine, espeak, renderClips } from './render.ts';
import { type Sentence, sentencesOf } from './sentences.ts';

const usage = `npm run voice -- <build|check|script> [options]
  build    renders the clips that are missing and removes those nothing says any more
  check    fails when a sentence has no clip
  script   prints what a person would record, with the name of each clip
  --assets DIR       the assets (assets)
  --command "..."    another voice than espeak-ng: a program with {language} {text} {file}; renders every clip`;

const root = path.resolve(import.meta.dirname, '../../..');

function read(): { verb: string | undefined; assets: string; command: string | undefined } {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { assets: { type: 'string', default: path.join(root, 'assets') }, command: { type: 'string' } },
  });
  return { verb: positionals.length === 1 ? positionals[0] : undefined, ...values, command: values.command };
}

/** The clips that are there and that no sentence asks for. */
function unused(sentences: readonly Sentence[], folder: string): readonly string[] {
  const asked = new Set(sentences.map(({ language, clip }) => `${language}/${clip}.opus`));
  return languages.flatMap((language) =>
    clipsIn(folder, language).flatMap((name) => {
      const file = `${language}/${name}.opus`;
      return asked.has(file) ? [] : [file];
    }),
  );
}

async function main(): Promise<number> {
  let given: ReturnType<typeof read>;
  try {
    given = read();
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    return 1;
  }
  const folder = path.join(given.assets, 'voice');
  const sentences = sentencesOf(given.assets);
  const present = new Set(
    languages.flatMap((language) => clipsIn(folder, language).map((name) => `${language}/${name}`)),
  );
  const missing = sentences.filter(({ language, clip }) => !present.has(`${language}/${clip}`));
  switch (given.verb) {
    case 'build': {
      const engine = given.command === undefined ? espeak(readLexicon(folder)) : commandEngine(given.command);
      const wanted = given.command === undefined ? missing : sentences;
      await renderClips(wanted, folder, engine, ({ language, text }) => console.log(`${language}  ${text}`));
      const gone = unused(sentences, folder);
      for (const file of gone) rmSync(path.join(folder, file));
      console.log(`${sentences.length} sentences: ${wanted.length} clips rendered, ${gone.length} removed.`);
      return 0;
    }
    case 'check':
      for (const { language, from, text } of missing) console.error(`no clip: ${language} ${from}: ${text}`);
      if (missing.length > 0) {
        console.error(
          `${missing.length} of ${sentences.length} sentences have no clip: npm run voice -- build`,
        );
        return 1;
      }
      console.log(`All ${sentences.length} sentences have their clips.`);
      return 0;
    case 'script':
      for (const { language, clip, from, text } of sentences) {
        console.log([`${language}/${clip}.opus`, from, text].join('\t'));
      }
      return 0;
    default:
      console.error(usage);
      return 1;
  }
}

process.exitCode = await main();
