import { vocabulary } from '../i18n.ts';

/** What is said of trainings, decisions and deployments. */
export const sayTraining = vocabulary({
  progress: ['Models in training', 'Modelos em treinamento'],
  stage: ['Stage', 'Etapa'],
  since: ['for {time}', 'há {time}'],
  decision: ['Decision', 'Decisão'],
  deploys: ['The new model goes into service.', 'O modelo novo entra em serviço.'],
  keeps: [
    'The new model is kept, not deployed: {reason}.',
    'O modelo novo fica guardado, sem implantação: {reason}.',
  ],
  measure: ['Measure', 'Medida'],
  challenger: ['New model', 'Modelo novo'],
  champion: ['Model in service', 'Modelo em serviço'],
  onAllDays: ['{metric} on the test days', '{metric} nos dias de teste'],
  onUnseen: [
    '{metric} on {n} {n|day|days} that neither has seen',
    '{metric} em {n} {n|dia|dias} que nenhum dos dois viu',
  ],
  gain: ['Improvement, with its 90 % interval', 'Melhora, com seu intervalo de 90 %'],
  noChampion: ['There was no model in service.', 'Não havia modelo em serviço.'],
  members: ['Models', 'Modelos'],
  weight: ['Weight', 'Peso'],
  outcome: ['Outcome', 'Resultado'],
  time: ['Processor time', 'Tempo de processador'],
  seconds: ['{n} s', '{n} s'],
  log: ['Log', 'Registro'],
  attempt: ['attempt {n}', 'tentativa {n}'],
  finished: ['done', 'concluído'],
  waiting: ['waiting', 'aguardando'],
  running: ['running', 'em execução'],
  retrying: ['to be tried again', 'será tentado de novo'],
  dead: ['given up', 'abandonado'],
  trigger: ['Started by', 'Iniciado por'],
  window: ['Training window', 'Janela de treinamento'],
  days: ['{n} {n|day|days}', '{n} {n|dia|dias}'],
  dataSet: ['Hours used', 'Horas usadas'],
  filled: ['{hours}, of which {filled} filled', '{hours}, das quais {filled} preenchidas'],
  version: ['Version made', 'Versão produzida'],
  held: ['Waits: the fleet is stopped', 'Aguarda: a frota está parada'],
  stop: ['Cancel the training', 'Cancelar o treinamento'],
  stopAsk: [
    'What was trained so far is lost; the model in service stays as it is.',
    'O que foi treinado até aqui se perde; o modelo em serviço permanece.',
  ],
  stopped: ['The training was cancelled.', 'O treinamento foi cancelado.'],
  why: ['Reason', 'Motivo'],
  again: ['Train again', 'Treinar de novo'],
  againAsk: [
    'A new training of {systemId} begins with the same settings and the data of now.',
    'Começa um novo treinamento de {systemId} com as mesmas configurações e os dados atuais.',
  ],
  force: ['Skip the comparison with the model in service', 'Dispensar a comparação com o modelo em serviço'],
  begun: ['The training has begun.', 'O treinamento começou.'],
  offerAgain: ['Offer this version again', 'Oferecer esta versão de novo'],
  offerAsk: [
    'Version {version} is offered to the device of {systemId} again. It proves the model before it uses it.',
    'A versão {version} é oferecida de novo ao dispositivo de {systemId}, que prova o modelo antes de usá-lo.',
  ],
  offered: ['The version is on offer.', 'A versão foi oferecida.'],
  answer: ['Answer of the device', 'Resposta do dispositivo'],
  assignment: ['Assignment', 'Atribuição'],
  accuracy: ['Accuracy promised', 'Precisão prometida'],
});

const reasons = vocabulary({
  'target-missed': ['its error is not below the target', 'seu erro não está abaixo da meta'],
  'not-better-than-naive': [
    'it is not better than the same hour last week',
    'não é melhor que a mesma hora da semana anterior',
  ],
  'not-enough-unseen-days': [
    'there are not enough days that neither model has seen',
    'não há dias suficientes que nenhum dos modelos viu',
  ],
  'not-better-than-champion': [
    'it is not enough better than the model in service',
    'não supera o bastante o modelo em serviço',
  ],
  'champion-changed': [
    'another model went into service meanwhile',
    'outro modelo entrou em serviço nesse meio-tempo',
  ],
  'no-device': ['the site has no device', 'a unidade não tem dispositivo'],
  'site-gone': ['the site was decommissioned', 'a unidade foi desativada'],
});
type Reason = Parameters<typeof reasons>[0];
const known: readonly string[] = [
  'target-missed',
  'not-better-than-naive',
  'not-enough-unseen-days',
  'not-better-than-champion',
  'champion-changed',
  'no-device',
  'site-gone',
] satisfies readonly Reason[];
const isReason = (text: string): text is Reason => known.includes(text);

/** A reason to keep a model in people's words; any other stands as it came. */
export const reasonText = (reason: string): string => (isReason(reason) ? reasons(reason) : reason);
