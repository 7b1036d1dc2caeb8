import { describe, expect, test } from 'vitest';
import { loadReceiptWords, makeReceipt, type ReceiptRequest } from './receipt.ts';
import { receiptPath } from './testing/requests.ts';

const loaded = loadReceiptWords(receiptPath);
if (!loaded.ok) throw new Error(`receipt.yaml:${loaded.error.line}: ${loaded.error.message}`);

const request: ReceiptRequest = {
  words: loaded.value,
  language: 'zh-CN',
  service: { 'zh-CN': '居住证明', en: 'Residence certificate' },
  number: 'JZ-0001-2026-000123',
  code: '2ZCGXVRC',
  holder: '陈**',
  issuedAt: new Date('2026-11-22T06:05:00Z'),
  copies: 2,
  community: '荷花社区',
  staff: '周敏',
  offline: false,
  verifyAddress: 'http://127.0.0.1:8700/verify',
  statement: 'A'.repeat(278),
};
const cellsOf = (changes: Partial<ReceiptRequest>): string[][] =>
  makeReceipt({ ...request, ...changes }).lines.flatMap((line) =>
    line.kind === 'columns' ? [line.cells.map(({ text }) => text)] : [],
  );

describe('receipt', () => {
  test('says what was done, in Chinese', () => {
    expect(cellsOf({})).toEqual([
      ['办理事项', '居住证明'],
      ['编号', 'JZ-0001-2026-000123'],
      ['核验码', '2ZCG XVRC'],
      ['持有人', '陈**'],
      ['签发时间', '2026年11月22日 14:05'],
      ['份数', '2'],
      ['社区', '荷花社区'],
      ['身份核对', '周敏'],
    ]);
  });

  test('names nobody where nobody confirmed', () => {
    expect(cellsOf({ staff: null }).map(([label]) => label)).not.toContain('身份核对');
  });

  test('in an English visit Chinese comes first and English beneath', () => {
    const cells = cellsOf({ language: 'en' });
    expect(cells).toContainEqual(['办理事项 Service', '居住证明']);
    expect(cells).toContainEqual(['', 'Residence certificate']);
    expect(cells).toContainEqual(['', '22 November 2026, 14:05']);
  });

  test('tells of offline issue only then', () => {
    const texts = (offline: boolean) => JSON.stringify(makeReceipt({ ...request, offline }));
    expect(texts(true)).toContain('离线签发');
    expect(texts(false)).not.toContain('离线签发');
  });

  test('the code is the certificate’s statement, sized for 80 mm paper, and the paper is cut last', () => {
    const { lines } = makeReceipt(request);
    const qr = lines.find((line) => line.kind === 'qr');
    expect(qr).toEqual({ kind: 'qr', data: `http://127.0.0.1:8700/verify#${'A'.repeat(278)}`, size: 5 });
    expect(lines.at(-1)).toEqual({ kind: 'cut' });
  });
});
