import { texts } from './texts.js';

/** How each answer looks: its tone, the outline of its sign and the mark within (64 by 64). */
const circle = 'M32 4a28 28 0 1 1 0 56 28 28 0 0 1 0-56z';
const triangle = 'M32 6 61 57H3z';
const octagon = 'M21 4h22l17 17v22L43 60H21L4 43V21z';
const square = 'M8 6h48v52H8z';
const tick = 'm19 33 9 9 18-20';
const cross = 'm22 22 20 20m0-20L22 42';
const clock = 'M32 17v16l10 6';
const exclamation = 'M32 24v15m0 9v.1';
const question = 'M24 25c0-11 17-10 16 0-1 7-8 6-8 14m0 8v.1';
const bar = 'M20 32h24';
const signs = {
  genuine: ['good', circle, tick],
  'genuine-not-reported': ['good', circle, tick],
  expired: ['attention', circle, clock],
  revoked: ['bad', octagon, cross],
  altered: ['bad', triangle, exclamation],
  unknown: ['plain', square, question],
  'not-ours': ['plain', square, cross],
  'no-connection': ['plain', circle, bar],
  'too-many': ['plain', circle, clock],
};

const find = (selector) => document.querySelector(selector);
const result = find('#result');

let language = 'zh';
/** What is shown: an answer and its certificate; null before the first. */
let shown = null;
/** Counts the questions, so that a late answer to an earlier one is not shown. */
let asked = 0;

function formatDate(iso) {
  const [year, month, day] = new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Shanghai' })
    .format(new Date(iso))
    .split('-')
    .map(Number);
  if (language === 'zh') return `${year}年${month}月${day}日`;
  const name = new Intl.DateTimeFormat('en', { month: 'long', timeZone: 'UTC' }).format(
    Date.UTC(year, month - 1, 1),
  );
  return `${day} ${name} ${year}`;
}

function showFacts(certificate, words) {
  const lines = Object.entries(words.facts).flatMap(([name, label]) => {
    const value = certificate[name];
    const text =
      name === 'type'
        ? (words.types[value] ?? value)
        : name.endsWith('At') || name === 'validUntil'
          ? formatDate(value)
          : value;
    const term = document.createElement('dt');
    term.textContent = label;
    const description = document.createElement('dd');
    description.textContent = text;
    return [term, description];
  });
  find('#facts').replaceChildren(...lines);
}

function render() {
  const words = texts[language];
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
  document.title = words.title;
  for (const element of document.querySelectorAll('[data-text]')) {
    element.textContent = words[element.dataset.text];
  }
  const other = find('#language');
  other.textContent = language === 'zh' ? 'English' : '中文';
  other.lang = language === 'zh' ? 'en' : 'zh-CN';
  find('#where').hidden = shown !== null;
  find('#answer').hidden = shown === null;
  if (shown === null) return;
  const [tone, shape, mark] = signs[shown.answer];
  const [headline, meaning, advice] = words.answers[shown.answer];
  result.dataset.tone = tone;
  result.dataset.answer = shown.answer;
  find('#sign .shape').setAttribute('d', shape);
  find('#sign .mark').setAttribute('d', mark);
  find('#headline').textContent = headline;
  find('#meaning').textContent = meaning;
  find('#advice').textContent = advice;
  if (shown.certificate) showFacts(shown.certificate, words);
  else find('#facts').replaceChildren();
}

async function ask(question) {
  const response = await fetch('/api/verify', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(question),
  });
  if (response.status === 429) return { answer: 'too-many', certificate: null };
  if (response.status === 400 || response.status === 413) return { answer: 'not-ours', certificate: null };
  if (!response.ok) return { answer: 'no-connection', certificate: null };
  return response.json();
}

async function verify(question) {
  asked += 1;
  const mine = asked;
  delete result.dataset.answer;
  result.setAttribute('aria-busy', 'true');
  const answer = await ask(question).catch(() => ({ answer: 'no-connection', certificate: null }));
  if (mine !== asked) return;
  shown = answer;
  result.setAttribute('aria-busy', 'false');
  render();
  result.scrollIntoView({ block: 'nearest' });
}

/** Says what is missing beside the first empty field; true when none is. */
function complete(form, fields) {
  const problem = form.querySelector('.problem');
  const empty = fields.find(([field]) => field.value.trim() === '');
  for (const [field] of fields) field.setAttribute('aria-invalid', String(field === empty?.[0]));
  problem.textContent = empty ? texts[language][empty[1]] : '';
  empty?.[0].focus();
  return empty === undefined;
}

find('#typed').addEventListener('submit', (event) => {
  event.preventDefault();
  const { number, code } = event.target.elements;
  const fields = [
    [number, 'missingNumber'],
    [code, 'missingCode'],
  ];
  if (complete(event.target, fields)) void verify({ number: number.value, code: code.value });
});

find('#scanned').addEventListener('submit', (event) => {
  event.preventDefault();
  const { scan } = event.target.elements;
  if (complete(event.target, [[scan, 'missingScan']])) void verify({ statement: scan.value });
});

find('#language').addEventListener('click', () => {
  language = language === 'zh' ? 'en' : 'zh';
  for (const problem of document.querySelectorAll('.problem')) problem.textContent = '';
  render();
});

/** The statement that the address of a scanned code carries. */
function verifyAddress() {
  const statement = location.hash.slice(1);
  if (statement) void verify({ statement });
}
window.addEventListener('hashchange', verifyAddress);
verifyAddress();
