import { type Pair, vocabulary } from '../i18n.ts';

const words = {
  title: ['System health', 'Saúde do sistema'],
  node: ['What this node needs', 'Do que este nó precisa'],
  works: ['works', 'funciona'],
  fails: ['does not answer', 'não responde'],
  warns: ['warning', 'atenção'],
  feed: ['Event feed', 'Fila de eventos'],
  reader: ['Reader', 'Leitor'],
  behind: ['Facts behind', 'Fatos de atraso'],
  last: ['Last number given', 'Último número dado'],
  stalled: ['Held up for', 'Parada há'],
  transaction: ['Oldest open transaction', 'Transação aberta mais antiga'],
  stalledHelp: [
    'An open transaction holds the feed: pages and events wait until it ends.',
    'Uma transação aberta segura a fila: páginas e eventos esperam até ela terminar.',
  ],
  effects: ['Work to be done', 'Trabalho a fazer'],
  type: ['Work', 'Trabalho'],
  waiting: ['Waiting', 'Esperando'],
  running: ['Running', 'Em execução'],
  retrying: ['Tried again', 'Nova tentativa'],
  dead: ['Given up', 'Abandonado'],
  oldest: ['Longest wait', 'Maior espera'],
  idle: ['Nothing waits.', 'Nada espera.'],
  versions: ['Versions', 'Versões'],
  nodeJs: ['Node.js', 'Node.js'],
  started: ['Started', 'Iniciado'],
  memory: ['Memory', 'Memória'],
  loop: ['Event loop delay, 99 %', 'Atraso do laço de eventos, 99 %'],
  figuresHelp: [
    'Counts are those of all nodes; versions, memory and delay are those of the node that answered.',
    'As contagens são de todos os nós; versões, memória e atraso são do nó que respondeu.',
  ],
  noScope: [
    'Work, feed and versions are shown to tokens with the scope “admin”.',
    'Trabalho, fila e versões aparecem para tokens com o escopo “admin”.',
  ],
  retryOne: ['Try again', 'Tentar de novo'],
} satisfies Record<string, Pair>;

export const say = vocabulary(words);
