import { expect, it } from 'vitest';
import { flatOf, isNpi, textAt, withFlat } from './paths';

it('reads and writes places, and leaves what it does not know', () => {
  const record = { patient: { last: 'Fernworth', address: { zip: '62701' } }, condition: { employment: false }, lines: [{ code: '63030' }] };
  expect(flatOf(record, ['patient.last', 'patient.first', 'patient.address.zip', 'condition.employment', 'lines.0.code'])).toEqual({
    'patient.last': 'Fernworth', 'patient.first': '', 'patient.address.zip': '62701', 'condition.employment': 'no', 'lines.0.code': '63030',
  });
  const next = withFlat(record, { 'patient.first': ' Odile ', 'patient.address.zip': '', 'condition.employment': 'yes', 'insured.group': 'G1' }, new Set(['condition.employment']));
  expect(next).toEqual({ patient: { last: 'Fernworth', first: 'Odile' }, condition: { employment: true }, insured: { group: 'G1' }, lines: [{ code: '63030' }] });
  expect(record.patient.address.zip).toBe('62701');
});

it('does not make parts of empty texts, and takes away those that become empty', () => {
  expect(withFlat({}, { 'insured.last': '', 'insured.address.city': ' ' })).toEqual({});
  expect(withFlat({ insured: { last: 'X' } }, { 'insured.last': '' })).toEqual({});
});

it('writes into lists', () => {
  expect(withFlat({ coverages: [{ payer: 'a' }] }, { 'coverages.0.member_id': 'M', 'coverages.1.payer': 'b' })).toEqual({
    coverages: [{ payer: 'a', member_id: 'M' }, { payer: 'b' }],
  });
  expect(withFlat({}, { 'coverages.0.insured.group': 'G', 'coverages.1.payer': '' })).toEqual({ coverages: [{ insured: { group: 'G' } }] });
  expect(textAt({ coverages: [] }, 'coverages.3.payer')).toBe('');
});

it.each([['1234567893', true], ['1245319599', true], ['1234567890', false], ['123456789', false], ['12345A7893', false], ['', false]])('%s is an NPI: %s', (text, is) => {
  expect(isNpi(text)).toBe(is);
});
