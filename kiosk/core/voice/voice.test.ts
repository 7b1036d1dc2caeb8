import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { clipName, voiceClips } from './index.ts';
import { readLexicon } from './lexicon.ts';
import { createReader } from './pinyin.ts';
import { spokenIn } from './sentences.ts';

let assets: string;
beforeEach(() => {
  assets = mkdtempSync(path.join(tmpdir(), 'huimin-assets-'));
  put('texts/zh-CN.json', '{"say.welcome":"您好。","say.wait":"还有{count}位。","button.start":"开始"}');
  put('texts/en.json', '{"say.welcome":"Hello.","say.wait":"{count} to go.","button.start":"Start"}');
  put('services/groups.yaml', '[]');
  put('voice/lexicon.yaml', '台州: tai1 zhou1\n');
  put(
    'services/x/service.yaml',
    'title: { zh-CN: 甲, en: A }\nquestions:\n  - title: { zh-CN: 要几份？, en: How many? }\n',
  );
});
afterEach(() => rmSync(assets, { recursive: true, force: true }));

function put(file: string, content: string): void {
  mkdirSync(path.dirname(path.join(assets, file)), { recursive: true });
  writeFileSync(path.join(assets, file), content);
}

const voice = (...args: string[]) =>
  spawnSync(process.execPath, [path.join(import.meta.dirname, 'cli.ts'), ...args, '--assets', assets], {
    encoding: 'utf8',
  });
const has = (program: string) => spawnSync(program, ['--version']).error === undefined;
const canRender = has('espeak-ng') && (has('opusenc') || has('ffmpeg'));

const numberedPinyin = createReader(readLexicon(path.resolve(import.meta.dirname, '../../../assets/voice')));

test.each([
  ['重庆', 'chong2 qing4'],
  ['银行', 'yin2 hang2'],
  ['长大', 'zhang3 da4'],
  ['浙江省台州市', 'zhe4 jiang1 sheng3 tai1 zhou1 shi4'],
  ['温州市乐清市', 'wen1 zhou1 shi4 yue4 qing1 shi4'],
  ['请曾女士到二号窗口', 'qing3 zeng1 nv3 shi4 dao4 er4 hao4 chuang1 kou3'],
  ['单先生，您好', 'shan4 xian1 sheng5, nin2 hao3'],
  ['解老师', 'xie4 lao3 shi1'],
  ['尉迟奶奶', 'yu4 chi2 nai3 nai5'],
])('%s is read %s', (text, reading) => expect(numberedPinyin(text)).toBe(reading));

test('a lexicon that is not as it should be is told by the word', () => {
  put('voice/lexicon.yaml', '台州: tai1\n');
  expect(() => readLexicon(path.join(assets, 'voice'))).toThrow('台州: needs a syllable for each character');
});

test('characters with several readings are read by the word', () => {
  expect(numberedPinyin('重庆银行')).toBe('chong2 qing4 yin2 hang2');
  expect(numberedPinyin('重要，行吗？')).toBe('zhong4 yao4, xing2 ma5?');
  expect(numberedPinyin('请按“开始”，或者等10分钟。')).toBe(
    'qing3 an4 kai1 shi3, huo4 zhe3 deng3 shi2 fen1 zhong1.',
  );
  expect(numberedPinyin('绿色')).toBe('lv4 se4');
  expect(numberedPinyin('这次办得怎么样？')).toBe('zhe4 ci4 ban4 de5 zen3 me5 yang4?');
  expect(numberedPinyin('等一等')).toBe('deng3 yi5 deng3');
});

test('in a service its questions are spoken, and whatever is marked with say', () => {
  const service = {
    title: { 'zh-CN': '居住证明', en: 'Residence certificate' },
    questions: [
      {
        title: { 'zh-CN': '要几份？', en: 'How many?' },
        say: { 'zh-CN': '您要几份？', en: 'How many, please?' },
      },
    ],
  };
  expect(spokenIn(service, 'x').map(({ text }) => text)).toEqual([
    '要几份？',
    'How many?',
    '您要几份？',
    'How many, please?',
  ]);
});

test('check names every sentence without a clip, and is content when all have one', () => {
  const { status, stderr } = voice('check');
  expect(status).toBe(1);
  expect(stderr).toContain('no clip: zh-CN say.welcome: 您好。\n');
  expect(stderr).toContain('no clip: en x question 1: How many?\n');
  expect(stderr).toContain('4 of 4 sentences have no clip: npm run voice -- build\n');
  for (const [language, text] of [
    ['zh-CN', '您好。'],
    ['en', 'Hello.'],
    ['zh-CN', '要几份？'],
    ['en', 'How many?'],
  ] as const) {
    put(`voice/${language}/${clipName(text)}.opus`, 'OggS');
  }
  expect(voice('check')).toMatchObject({ status: 0, stdout: 'All 4 sentences have their clips.\n' });
});

test('the core finds a clip by its language and words', () => {
  put(`voice/en/${clipName('Hello.')}.opus`, 'OggS');
  const clips = voiceClips(path.join(assets, 'voice'));
  expect(clips.clipFor('en', 'Hello.')).toBe(`/voice/en/${clipName('Hello.')}.opus`);
  expect(clips.clipFor('en', 'Hello!')).toBe(null);
  expect(clips.clipFor('zh-CN', 'Hello.')).toBe(null);
  expect(voiceClips(path.join(assets, 'nowhere')).clipFor('en', 'Hello.')).toBe(null);
});

test('the script names each clip with its words', () => {
  expect(voice('script').stdout).toContain(`zh-CN/${clipName('您好。')}.opus\tsay.welcome\t您好。\n`);
});

test.skipIf(!canRender)(
  'build renders what is missing, removes what nothing says, and leaves the rest (needs espeak-ng and an encoder)',
  () => {
    put('voice/en/0123456789abcdef.opus', 'old');
    expect(voice('build').stdout).toMatch(/\n4 sentences: 4 clips rendered, 1 removed\.\n$/);
    const clip = path.join(assets, 'voice/zh-CN', `${clipName('您好。')}.opus`);
    const bytes = readFileSync(clip);
    expect(bytes.subarray(0, 4).toString('latin1')).toBe('OggS');
    expect(bytes.includes('OpusHead')).toBe(true);
    expect(bytes.length).toBeGreaterThan(1000);
    expect(voice('check').status).toBe(0);
    expect(voice('build').stdout).toBe('4 sentences: 0 clips rendered, 0 removed.\n');
    expect(readFileSync(clip).equals(bytes)).toBe(true);
  },
);

test('what it can do is said when asked for something else', () => {
  expect(voice('sing')).toMatchObject({ status: 1 });
  expect(voice('sing').stderr).toContain('build|check|script');
  expect(voice('check', '--asets', 'x').status).toBe(1);
});
