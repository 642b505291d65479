import type { DeviceFact, DeviceState, RefusalCode } from '../../main/on-site.ts';
import type { Words } from './edge-words.ts';

/**
 * What a device says in words of its own, which are English in its journal, its answers and its log: for people who
 * read Portuguese, the sense of it, with what was said word for word behind.
 */

const states: Readonly<Record<DeviceState, string>> = {
  idle: 'à espera de um modelo',
  downloading: 'baixando um modelo',
  verifying: 'verificando um modelo',
  staged: 'modelo pronto para a troca',
  activating: 'trocando o modelo',
  probation: 'testando um modelo',
  watching: 'em uso, em observação por 24 h',
  active: 'em uso',
  rollingBack: 'voltando ao modelo anterior',
  rolledback: 'voltou ao modelo anterior',
  rejected: 'recusou um modelo',
};

const statuses = { trying: 'em andamento', active: 'ativo', rolledback: 'retirado', rejected: 'recusado' };

const facts: Readonly<Record<DeviceFact, string>> = {
  UpdateAssigned: 'modelo oferecido',
  AssignmentRefused: 'oferta recusada',
  RunningConfirmed: 'modelo confirmado',
  ModelDownloaded: 'modelo baixado',
  ModelVerified: 'modelo verificado',
  ActivationBegan: 'troca iniciada',
  ModelSwapped: 'modelo trocado',
  ModelProven: 'modelo aprovado',
  WatchPassed: 'fim da observação',
  UpdateRejected: 'modelo recusado',
  ModelFailed: 'modelo falhou',
  ModelTakenBack: 'modelo retirado',
  PreviousRestored: 'anterior de volta',
  PreviousForgotten: 'anterior removido',
  UpdateWithdrawn: 'oferta retirada',
};

const names: Readonly<Record<string, string>> = {
  ...{
    bytes: 'bytes',
    layoutVersion: 'formato',
    previousVersion: 'anterior',
    inferenceMs: 'ms por inferência',
  },
  ...{ watchUntil: 'observado até', assignment: 'atribuição', reason: 'motivo', runningVersion: 'em uso' },
  ...{
    history: 'histórico',
    state: 'estado',
    forecast: 'previsões',
    desired: 'ofertas',
    config: 'configuração',
  },
  ...{ progress: 'andamento', models: 'modelos', ack: 'respostas', telemetry: 'leituras', journal: 'diário' },
  ...{ trust: 'confiança', readings: 'leituras', local: 'programas locais', copied: 'cópia do diário' },
  link: 'conexão',
  null: 'nenhum',
};

const codes: Readonly<Record<RefusalCode, string>> = {
  checksum: 'o arquivo não é o que foi assinado',
  expired: 'a oferta venceu',
  'lost-file': 'o arquivo baixado se perdeu',
  'missing-metadata': 'o arquivo não diz tudo o que devia de si',
  'no-history': 'há poucas horas medidas para testar um modelo',
  'size-mismatch': 'o arquivo não tem o tamanho assinado',
  'too-large': 'é grande demais',
  'unknown-layout': 'o modelo usa um formato de entrada que este programa não conhece',
  untrusted: 'os metadados assinados não são confiáveis',
  'unusable-model': 'o arquivo não é um modelo que se possa executar',
  'wrong-site': 'é de outro site',
  'wrong-device': 'é de outro dispositivo',
  'wrong-version': 'o arquivo é de outra versão',
  malformed: 'a mensagem está malformada',
  'bad-signature': 'a assinatura não é da nuvem deste dispositivo',
  'older-assignment': 'este dispositivo já teve uma oferta mais nova',
  'unsupported-format': 'o endereço não é de um arquivo ONNX',
  'foreign-origin': 'o endereço não é da nuvem deste dispositivo',
  'not-over': 'o intervalo ainda não terminou: verifique os relógios',
  'too-old': 'as leituras são antigas demais',
  implausible: 'as leituras estão em outra unidade: envie kW',
  operator: 'retirado por uma pessoa no local',
  'nothing-to-take-back': 'não há modelo anterior para voltar; restaure outra versão pela nuvem',
  busy: 'um modelo está sendo instalado: tente de novo em um minuto',
  'token-missing': 'falta o token: o das configurações ou o de local.json',
  'too-slow': 'o resto não chegou a tempo',
};

/** What is said without a code. */
const sayings: readonly (readonly [RegExp, string])[] = [
  [/^no model is installed/, 'nenhum modelo instalado'],
  [/^(Of the 720 hours|The newest usable load)/, 'há poucas horas medidas'],
  [/took its process down|the process ended \d+ times/, 'o modelo derrubou o seu processo'],
  [/computed for seconds|not through its proof|ended from outside/, 'o teste do modelo não chegou ao fim'],
  [/is unusable|is no number|beyond what/, 'o modelo não dá uma previsão que sirva'],
  [/lost or damaged/, 'o arquivo do modelo se perdeu ou foi danificado'],
  [/^the broker refuses/, 'a nuvem recusa o dispositivo: verifique o segredo, ou se foi revogado'],
  [/^the broker sent a message of more/, 'a conexão trouxe uma mensagem enorme'],
  [/^download hours/, 'as horas de download'],
  [/^data budget/, 'os dados do próximo mês'],
];

const codeOf = (text: string): string => /^([a-z][a-z-]*)(?:: |$)/.exec(text)?.[1] ?? '';

const find = (table: Readonly<Record<string, string>>, key: string): string | undefined =>
  Object.hasOwn(table, key) ? table[key] : undefined;

/** The kinds of words that a device has a name for. */
const tables = { state: states, status: statuses, fact: facts, name: names };

/** A state, a status, a fact, or what a figure is of; as the device calls it where there is no other word. */
export const said = ({ language }: Words, kind: keyof typeof tables, word: string): string =>
  (language === 'pt-BR' ? find(tables[kind], word) : undefined) ?? word;

/** A reason, as people on site read it. */
export function explained({ language }: Words, reason: string): string {
  if (language === 'en') return reason;
  const sense = find(codes, codeOf(reason)) ?? sayings.find(([pattern]) => pattern.test(reason))?.[1];
  return sense === undefined ? reason : `${sense} (${reason})`;
}

/** A refusal of the device by its code. */
export function refusalText({ language }: Words, code: string, message: string): string {
  const sense = language === 'en' ? undefined : find(codes, code);
  return sense === undefined ? message : `${sense} (${message})`;
}
