import type { Condition } from '../../src/client/client.ts';
import { formatInstant, formatPercent } from '../format.ts';
import { type Pair, vocabulary } from '../i18n.ts';

/** Conditions of machines in people's words; one that is new to this page stands under its own name. */

const names: Readonly<Record<string, Pair>> = {
  'below-target': ['Error below the target', 'Erro abaixo da meta'],
  'better-than-naive': ['Better than the same hour last week', 'Melhor que a mesma hora da semana anterior'],
  'enough-unseen-days': ['Enough days that neither has seen', 'Dias suficientes que nenhum dos dois viu'],
  'better-than-champion': ['Better than the model in service', 'Melhor que o modelo em serviço'],
  'no-obstacle': ['Nothing else in the way', 'Nenhum outro impedimento'],
  'own-deployment': ['It is this job’s deployment', 'É a implantação deste treinamento'],
  'new-answer': ['The answer was not known yet', 'A resposta ainda não era conhecida'],
  'flag-proposed': ['The alert proposes a flag', 'O alerta propõe uma marcação'],
  'too-many-failed': ['Too many deployments failed', 'Falharam implantações demais'],
  'attempt-at-work': ['An update is being tried', 'Há uma atualização em curso'],
  'model-serves': ['A model serves', 'Há um modelo em uso'],
  'of-what-serves': ['It is about the model that serves', 'Trata-se do modelo em uso'],
  'previous-there': ['There is a previous model', 'Há um modelo anterior'],
  'being-watched': ['The model is being watched', 'O modelo está em observação'],
  'watch-over': ['The watch is over', 'A observação terminou'],
  'being-taken-back': ['A model is being taken back', 'Um modelo está sendo retirado'],
  'within-stage': ['No more sites than the stage allows', 'Não mais unidades do que a etapa permite'],
  'all-answered': ['Every site has answered', 'Todas as unidades responderam'],
  'all-passed': ['Every stage has passed', 'Todas as etapas passaram'],
  'all-taken-back': ['Every site is taken back', 'Todas as unidades foram revertidas'],
  'news-of-withdrawal': ['There is something to withdraw', 'Há algo a retirar'],
};

const labels: Readonly<Record<string, Pair>> = {
  challenger: ['new model', 'modelo novo'],
  champion: ['model in service', 'modelo em serviço'],
  target: ['target', 'meta'],
  seasonalNaive: ['last week', 'semana anterior'],
  unseenDays: ['days', 'dias'],
  minimumUnseenDays: ['needed', 'exigidos'],
  gain: ['improvement', 'melhora'],
  minimumGain: ['needed', 'exigida'],
  skipped: ['not asked', 'não se aplica'],
  obstacle: ['obstacle', 'impedimento'],
  deploymentId: ['deployment', 'implantação'],
  ofThisJob: ['of this job', 'deste treinamento'],
  messageId: ['message', 'mensagem'],
  answersBefore: ['answers before', 'respostas anteriores'],
  label: ['flag', 'marcação'],
  failed: ['failed', 'falharam'],
  ofDeployments: ['of', 'de'],
  window: ['window', 'janela'],
  limit: ['limit', 'limite'],
  attempt: ['tried', 'em curso'],
  running: ['running', 'em uso'],
  serving: ['serving', 'em uso'],
  assignment: ['assignment', 'atribuição'],
  previous: ['previous', 'anterior'],
  watchUntil: ['watched until', 'observado até'],
  offered: ['offered', 'oferecidas'],
  offers: ['now', 'agora'],
  upTo: ['at most', 'no máximo'],
  shadowing: ['in shadow', 'em sombra'],
  stage: ['stage', 'etapa'],
  stages: ['of', 'de'],
  updated: ['updated', 'atualizadas'],
  reverting: ['being reverted', 'em reversão'],
  highest: ['highest so far', 'maior até agora'],
  'on-request': ['skipped on request', 'dispensada a pedido'],
  'no-champion': ['no model in service', 'nenhum modelo em serviço'],
};

const sayName = vocabulary(names);
const sayLabel = vocabulary(labels);

export const guardName = (name: string): string => (Object.hasOwn(names, name) ? sayName(name) : name);
const labelOf = (name: string): string => (Object.hasOwn(labels, name) ? sayLabel(name) : name);

const INSTANT = /^\d{4}-\d{2}-\d{2}T.*Z$/;

function valueText(value: Condition['values'][string]): string {
  if (value === null) return '–';
  if (typeof value === 'object') return formatPercent(value.percent);
  if (typeof value !== 'string') return String(value);
  return INSTANT.test(value) ? formatInstant(value) : labelOf(value);
}

/** What a condition looked at: labels and values in the order in which it did. */
export const guardValues = ({ values }: Condition): readonly (readonly [label: string, value: string])[] =>
  Object.entries(values).map(([name, value]) => [labelOf(name), valueText(value)]);
