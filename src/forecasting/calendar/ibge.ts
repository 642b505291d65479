/** States by the first two digits of an IBGE municipality code. */
const STATES: Readonly<Record<string, string>> = {
  '11': 'RO',
  '12': 'AC',
  '13': 'AM',
  '14': 'RR',
  '15': 'PA',
  '16': 'AP',
  '17': 'TO',
  '21': 'MA',
  '22': 'PI',
  '23': 'CE',
  '24': 'RN',
  '25': 'PB',
  '26': 'PE',
  '27': 'AL',
  '28': 'SE',
  '29': 'BA',
  '31': 'MG',
  '32': 'ES',
  '33': 'RJ',
  '35': 'SP',
  '41': 'PR',
  '42': 'SC',
  '43': 'RS',
  '50': 'MS',
  '51': 'MT',
  '52': 'GO',
  '53': 'DF',
};

/** Municipalities whose official code breaks the check-digit rule; IBGE never corrected them. */
const WRONG_CHECK_DIGIT: ReadonlySet<string> = new Set([
  '2201919',
  '2201988',
  '2202251',
  '2611533',
  '3117836',
  '3152131',
  '4305871',
  '5203939',
  '5203962',
]);

/** The code names no municipality. */
export class UnknownPlace extends Error {
  override readonly name = 'UnknownPlace';
  readonly ibgeCode: string;

  constructor(ibgeCode: string, why: string) {
    super(
      `No municipality has the IBGE code "${ibgeCode.slice(0, 20)}": ${why}. ` +
        'Write the seven-digit code from ibge.gov.br/explica/codigos-dos-municipios.php, e.g. 3550308 for São Paulo.',
    );
    this.ibgeCode = ibgeCode;
  }
}

/** Digits of the first six are weighted 1, 2, 1, 2 …; a product's own digits are added. */
function checkDigit(code: string): number {
  let sum = 0;
  for (let i = 0; i < 6; i++) {
    const product = Number(code[i]) * ((i % 2) + 1);
    sum += Math.floor(product / 10) + (product % 10);
  }
  return (10 - (sum % 10)) % 10;
}

/**
 * Two-letter state of a municipality's IBGE code.
 * @throws {UnknownPlace} when no municipality can have that code
 */
export function stateOf(ibgeCode: string): string {
  if (!/^\d{7}$/.test(ibgeCode)) throw new UnknownPlace(ibgeCode, 'a code has seven digits');
  const state = STATES[ibgeCode.slice(0, 2)];
  if (state === undefined) throw new UnknownPlace(ibgeCode, `no state begins with ${ibgeCode.slice(0, 2)}`);
  if (Number(ibgeCode[6]) !== checkDigit(ibgeCode) && !WRONG_CHECK_DIGIT.has(ibgeCode)) {
    throw new UnknownPlace(ibgeCode, 'its last digit is not the check digit of the others');
  }
  return state;
}
