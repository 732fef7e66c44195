// Every line of a CSV file as one request, 64 at a time: k6 run -e FILE=... -e URL=... -e ROWS=... k6.js
import { check } from 'k6';
import http from 'k6/http';
import { SharedArray } from 'k6/data';
import exec from 'k6/execution';

const rows = new SharedArray('rows', () => open(__ENV.FILE).trim().split('\n').slice(1));

export const options = {
  scenarios: { all: { executor: 'shared-iterations', vus: 64, iterations: Number(__ENV.ROWS), maxDuration: '60m' } },
  thresholds: { checks: ['rate==1'] },
};

const headers = { 'Content-Type': 'application/json', Authorization: 'Bearer none' };

export default function () {
  const [number, title, kind, amount, rate, term, contract, first, frequency] = rows[exec.scenario.iterationInTest].split(',');
  const setup = {
    loanClass: kind, loanType: 'loan.type.installment', loanAmount: Number(amount), loanRate: Number(rate),
    loanRateType: 'loan.rateType.annually', loanTerm: Number(term), contractDate: contract, firstPaymentDate: first,
    paymentFrequency: frequency, calcType: 'loan.calcType.simpleInterest', daysInYear: 'loan.daysInYear.actual',
    interestApplication: 'loan.interestApplication.betweenTransactions',
  };
  const answer = http.post(`${__ENV.URL}Loans`, JSON.stringify({ displayId: number, title: title, LoanSetup: setup }), { headers });
  check(answer, { accepted: (a) => a.status === 200 && a.json('d.id') > 0 });
}
