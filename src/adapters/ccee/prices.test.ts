import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { energyPricesContract, PRICES_OF_THE_DAY } from '../../../test/contracts/energy-prices.ts';
import { submarketOf } from '../../ports/energy-prices.ts';
import { openCceePrices } from './prices.ts';

const NAMES = { 'SE/CO': 'SUDESTE', S: 'SUL', NE: 'NORDESTE', N: 'NORTE' } as const;
const HEADER = 'MES_REFERENCIA;SUBMERCADO;PERIODO_COMERCIALIZACAO;DIA;HORA;PLD_HORA';

const withDays = [
  HEADER,
  ...PRICES_OF_THE_DAY.map(
    ({ submarket, localHour, price }) =>
      `202604;${NAMES[submarket]};${19 * 24 + localHour + 1};20;${localHour};${price},00`,
  ),
].join('\r\n');
const byPeriod = [
  '"MES_REFERENCIA";"SUBMERCADO";"PERIODO_COMERCIALIZACAO";"PLD"',
  ...PRICES_OF_THE_DAY.map(
    ({ submarket, localHour, price }) =>
      `"202604";"${NAMES[submarket]}";"${19 * 24 + localHour + 1}";"${price}.0"`,
  ),
].join('\n');

const logger = pino({ level: 'silent' });
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lifo4-pld-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const open = (sources: readonly string[], now = () => 0) => openCceePrices({ sources, logger, now });
async function file(name: string, text: string): Promise<string> {
  await writeFile(join(folder, name), text);
  return join(folder, name);
}

energyPricesContract('file with days and hours', async () =>
  open([await file('days.csv', `\uFEFF${withDays}\r\n`)]),
);
energyPricesContract('file with hours of the month', async () => open([await file('period.csv', byPeriod)]));

async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/pld`;
}

describe('hourly PLD', () => {
  const april20 = [new Date('2026-04-20T03:00:00Z'), new Date('2026-04-20T04:00:00Z')] as const;

  it('is read again when it changed, and stays when its server is away or sends rubbish', async () => {
    let answer = `${HEADER}\n202604;SUDESTE;457;20;0;100.5`;
    let status = 200;
    let asked = 0;
    const url = await serve((_, response) => {
      asked += 1;
      response.writeHead(status).end(answer);
    });
    let now = 0;
    const prices = await open([url], () => now);
    const price = async () => (await prices.read('SE/CO', ...april20))[0]?.price;
    expect(await price()).toBe(100.5);
    answer = `${HEADER}\n202604;SUDESTE;457;20/04/2026;0;1.234,5`;
    expect(await price()).toBe(100.5);
    expect(asked).toBe(1);
    now += 3_600_000;
    expect(await price()).toBe(1234.5);
    status = 503;
    now += 3_600_000;
    expect(await price()).toBe(1234.5);
    status = 200;
    answer = '<html>maintenance</html>\n';
    now += 3_600_000;
    expect(await price()).toBe(1234.5);
  });

  it('of a later file stands over that of an earlier one', async () => {
    const first = await file('first.csv', `${HEADER}\n202604;SUDESTE;1;20;0;1`);
    const second = await file('second.csv', `${HEADER}\n202604;SUDESTE;1;20;0;2\n202604;SUDESTE;1;20;0;3`);
    const prices = await open([first, second]);
    expect(await prices.read('SE/CO', ...april20)).toMatchObject([{ price: 3 }]);
  });

  it.each([
    ['nothing', '', /holds no prices|has no/],
    ['a header alone', `${HEADER}\n`, /holds no prices/],
    ['another table', 'a;b\n1;2', /has no MES_REFERENCIA, SUBMERCADO, PLD_HORA, DIA and HORA/],
    ['a web page', '<html>\n<b>"x</b>\n</html>', /no CSV file|has no MES_REFERENCIA/],
    ['a month that is none', `${HEADER}\n202613;SUL;1;1;0;9`, /line 2: MES_REFERENCIA is 202613/],
    ['a day that is none', `${HEADER}\n202602;SUL;1;30;0;9`, /line 2: DIA is 30/],
    ['a day of another month', `${HEADER}\n202602;SUL;1;01/03/2026;0;9`, /DIA is 01\/03\/2026/],
    ['hours from 1 to 24', `${HEADER}\n202602;SUL;1;1;24;9`, /HORA is 24/],
    ['a price that is none', `${HEADER}\n202602;SUL;1;1;0;n.d.`, /the price is n\.d\./],
    ['a negative price', `${HEADER}\n202602;SUL;1;1;0;-9`, /the price is -9/],
    ['an empty price', `${HEADER}\n202602;SUL;1;1;0;`, /PLD_HORA is empty/],
    ['an unknown submarket', `${HEADER}\n202602;CENTRO;1;1;0;9`, /SUBMERCADO is CENTRO/],
    ['short rows', `${HEADER}\n202602;SUL;1`, /no CSV file/],
    [
      'an hour past the month',
      'MES_REFERENCIA;SUBMERCADO;PERIODO_COMERCIALIZACAO;PLD\n202602;SUL;673;9',
      /672/,
    ],
  ])('is refused with file and line when it holds %s', async (_, text, message) => {
    const refused = expect(open([await file('bad.csv', text)])).rejects;
    await refused.toMatchObject({ name: 'PricesUnfit', message: expect.stringMatching(message) });
    await expect(open([join(folder, 'bad.csv')])).rejects.toThrow(/^CCEE_PLD: bad.csv/);
  });

  it('that cannot be had says what to do', async () => {
    await expect(open([join(folder, 'absent.csv')])).rejects.toThrow(/^CCEE_PLD: absent.csv cannot be read/);
    const url = await serve((_, response) => response.writeHead(403).end());
    await expect(open([url])).rejects.toThrow(/^CCEE_PLD: .* answers with 403; .*download the file/);
    await expect(open(['http://127.0.0.1:9/pld'])).rejects.toThrow(/^CCEE_PLD: .* cannot be read/);
  });

  it.each([
    ['3550308', 'SE/CO', 'São Paulo'],
    ['1200401', 'SE/CO', 'Rio Branco'],
    ['1100205', 'SE/CO', 'Porto Velho'],
    ['5103403', 'SE/CO', 'Cuiabá'],
    ['4106902', 'S', 'Curitiba'],
    ['2111300', 'N', 'São Luís'],
    ['1302603', 'N', 'Manaus'],
    ['2927408', 'NE', 'Salvador'],
  ])('of %s is the one of %s (%s)', (ibgeCode, submarket) => {
    expect(submarketOf(ibgeCode)).toBe(submarket);
  });
});
