/** Certificates of invented people, for tests. */
import { fileURLToPath } from 'node:url';
import type { CertificateRequest } from '../certificate.ts';
import { type CertificateTemplate, loadCertificateTemplate } from '../template.ts';
import type { TestAuthority } from './authority.ts';

const service = new URL('../../../../assets/services/residence-certificate/', import.meta.url);
export const templatePath = fileURLToPath(new URL('certificate.yaml', service));
export const receiptPath = fileURLToPath(new URL('receipt.yaml', service));

export const residenceTemplate = (): CertificateTemplate => {
  const loaded = loadCertificateTemplate(templatePath);
  if (!loaded.ok) throw new Error(`certificate.yaml:${loaded.error.line}: ${loaded.error.message}`);
  return loaded.value;
};

/** 陈晓𬀩 of assets/demo/people.yaml, whose name holds a character of Extension E. */
export const requestFor = (
  authority: TestAuthority,
  changes: Partial<CertificateRequest> = {},
): CertificateRequest => ({
  template: residenceTemplate(),
  language: 'zh-CN',
  facts: {
    name: '陈晓𬀩',
    sex: '男',
    idNumber: '999901196012300378',
    nation: '汉',
    birth: '1960年12月30日',
    residence: '荷花社区 3 幢 1 单元 101 室',
    community: '荷花社区',
    residentSince: '1999年1月1日',
    purpose: '银行办事',
  },
  number: 'JZ-0001-2026-000123',
  type: 'residence-certificate',
  holderName: '陈晓𬀩',
  issuer: '示范市东湖区荷花社区居民委员会',
  issuedAt: new Date('2026-11-22T06:05:00Z'),
  validUntil: new Date('2026-12-22T06:05:00Z'),
  certificates: authority.certificates,
  key: authority.key,
  verifyAddress: 'http://127.0.0.1:8700/verify',
  offline: false,
  ...changes,
});

/** 杜玛丽: a foreigner's card names no nation; here with an address long enough to wrap everywhere. */
export const foreignRequest = (authority: TestAuthority): CertificateRequest => {
  const chinese = requestFor(authority);
  return {
    ...chinese,
    language: 'en',
    holderName: '杜玛丽',
    facts: {
      ...chinese.facts,
      name: '杜玛丽 DUPONT, MARIE',
      sex: '女',
      idNumber: '933250198502140022',
      nation: '',
      birth: '1985年2月14日',
      residence:
        '示范省示范市东湖区荷花街道荷花社区居民委员会辖区荷塘月色小区第三期 30 幢 1 单元 1102 室（原荷花塘路 118 号院内西侧附属楼）',
    },
    englishFacts: {
      sex: 'female',
      birth: '14 February 1985',
      residentSince: '1 January 1999',
      purpose: 'Bank',
    },
    offline: true,
  };
};
