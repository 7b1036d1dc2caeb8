import type { CheckRow, LocalText, ServiceTile } from '../../bridge/index.ts';

/** A text in both languages. */
export const both = (chinese: string, english: string): LocalText => ({ 'zh-CN': chinese, en: english });

export const residence: ServiceTile = {
  id: 'residence-certificate',
  title: both('居住证明', 'Residence certificate'),
  summary: both('上学、找工作、办车牌时用', 'For school, work or a vehicle'),
  icon: 'certificate',
  availability: { state: 'now', reason: null, canBegin: true },
};
export const senior: ServiceTile = {
  id: 'senior-card',
  title: both('老年证', 'Senior card'),
  summary: both('满六十岁就可以办', 'From sixty years of age'),
  icon: 'elder',
  availability: { state: 'later', reason: 'registry', canBegin: false },
};
export const pension: ServiceTile = {
  id: 'pension',
  title: both('养老资格认证', 'Pension check'),
  summary: both('每年来一次就行', 'Once a year is enough'),
  icon: 'people',
  availability: { state: 'not-here', reason: null, canBegin: false },
};
export const meals: ServiceTile = {
  id: 'meals',
  title: both('订助餐', 'Elder meals'),
  summary: both('今天和明天的午饭、晚饭', 'Lunch and dinner, today and tomorrow'),
  icon: 'care',
  availability: { state: 'later', reason: 'printer', canBegin: true },
};
export const groups = [
  { id: 'certificates', title: both('开证明', 'Certificates'), icon: 'certificate' },
  { id: 'benefits', title: both('查待遇', 'Benefits'), icon: 'benefit' },
  { id: 'bookings', title: both('约服务', 'Bookings'), icon: 'care' },
  { id: 'health', title: both('看医生', 'Health'), icon: 'health' },
  { id: 'repairs', title: both('报修', 'Repairs'), icon: 'repair' },
  { id: 'map', title: both('找地方', 'Find a place'), icon: 'map' },
];
export const certificates = groups[0] ?? { id: '', title: both('', ''), icon: '' };

export const rows: CheckRow[] = [
  { field: 'name', label: both('姓名', 'Name'), value: both('林晓梅', '林晓梅'), changeable: false },
  {
    field: 'idNumber',
    label: both('身份证号', 'ID number'),
    value: both('3301**********0021', '3301**********0021'),
    changeable: false,
  },
  {
    field: 'address',
    label: both('现住址', 'Address'),
    value: both(
      '临江市望湖区梧桐街道幸福里社区十二幢三单元五〇二室',
      '临江市望湖区梧桐街道幸福里社区十二幢三单元五〇二室',
    ),
    changeable: false,
  },
  {
    field: 'since',
    label: both('从何时住', 'Since'),
    value: both('2019年3月5日', '5 March 2019'),
    changeable: false,
  },
  {
    field: 'purpose',
    label: both('用途', 'Purpose'),
    value: both('子女入学', "A child's school"),
    changeable: true,
  },
  { field: 'copies', label: both('份数', 'Copies'), value: both('2 份', '2 copies'), changeable: true },
];

/** More rows than a page may hold in large letters. */
export function moreRows(): CheckRow[] {
  return [
    {
      field: 'household',
      label: both('户籍地', 'Registered at'),
      value: both('清河县东桥镇', '清河县东桥镇'),
      changeable: false,
    },
    {
      field: 'unit',
      label: both('给哪个单位', 'For whom'),
      value: both('望湖区第一小学', '望湖区第一小学'),
      changeable: true,
    },
    {
      field: 'until',
      label: both('有效到', 'Valid until'),
      value: both('2027年5月22日', '22 May 2027'),
      changeable: false,
    },
  ];
}
