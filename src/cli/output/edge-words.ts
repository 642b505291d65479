/** What the device's commands say, in the language of the person on site. */

export const LANGUAGES = ['en', 'pt-BR'] as const;
export type Language = (typeof LANGUAGES)[number];

const en = {
  running: 'running',
  stopped: 'not running; this is its memory',
  device: 'device',
  state: 'state',
  model: 'model',
  none: 'none',
  previous: 'previous',
  tried: 'last tried',
  forecast: 'forecast',
  naive: 'last week’s values: {why}',
  link: 'cloud',
  connected: 'connected',
  unconnected: 'no connection',
  outbox: 'to be sent',
  outboxOf: '{acks} answers, {readings} readings, {forecasts} forecasts, {facts} facts',
  history: 'history',
  hours: '{hours} of the last 720 hours',
  data: 'data in {month}',
  dataOf: '{mb} MB of {most} MB ({parts})',
  dataNear: '! 80 % are used: what can wait goes every six hours',
  dataSpent: '! all is used: forecasts and the journal wait; answers go',
  dataAllowed: 'no bound until {until}',
  waits: 'waits for {why}',
  dropped: 'dropped',
  droppedOf: '{forecasts} forecasts, {readings} readings',
  clock: 'clock',
  clockLost: '! set it: {now} is what was last known',
  refused: 'refused',
  times: '{times} times',
  columns: 'at|what happened|about',
  nothing: 'nothing has happened yet',
  takenBack: 'the model is taken back: {version} serves again in a moment',
  takenBackLater: 'noted: the device takes the model back when it starts',
  healthy: 'the device is well',
  unwell: '{fail} to mend, {warn} to look at',
  benched: '{version}: {ms} ms an inference (less than {mostMs}), {mb} MB (less than {mostMb})',
  benchFailed: '{version}: {why}',
  'disk.ok': '{free} MB free',
  'disk.little': 'only {free} MB free: remove what is not needed before the next update',
  'disk.full': 'only {free} MB free: no update can be installed; free some space',
  'disk.not-writable':
    '{folder} is missing or cannot be written: run as the device’s user, or give it the folder',
  'clock.ok': '{now}',
  'clock.unchecked': '{now}; the device’s memory could not be read',
  'clock.lost': 'it says {now}, but it is later than {floor}: set it, and let the network keep it (NTP)',
  'broker.connected': 'connected to {url}',
  'broker.reached': '{url} answers',
  'broker.not-connected':
    '{url} answers, but the device is not connected: see the credential and the device’s log',
  'broker.unreachable': '{url} does not answer ({why}): check the network, the address and port 1883 or 8883',
  'credential.ok': 'the cloud knows {deviceId}',
  'credential.refused':
    'the cloud refuses {deviceId} ({why}): its secret is wrong or it was revoked; add a device anew',
  'credential.unasked': '{url} could not be asked ({why}): check the network and cloudUrl',
  'keys.ok': '{keys} keys, and a root',
  'keys.no-root': '{keys} keys, no trustRoot: write the one of `device add` into the settings',
  'keys.unusable': 'key {kid} is none ({why}): copy it anew from `lifo4-ml keys`',
  'model.ok': '{version}, {size} kB, whole',
  'model.none': 'no model yet: deploy one from the cloud',
  'model.missing': '{path} of {version} is missing: the device restores the previous one; deploy anew',
  'model.damaged': '{path} is not {version}: the device restores the previous one; deploy anew',
  'history.ok': '{hours} of the last 720 hours',
  'history.short':
    '{hours} of the last 720 hours, {least} are needed: check the meter and what sends its readings',
  'forecast.ok': '{at}, by {version}',
  'forecast.none': 'none yet: it needs a day of load',
  'forecast.stale': 'the last is {hours} hours old ({at}): see whether the device runs, and its log',
  'forecast.naive': '{at}, last week’s values: {why}',
  'journal.ok': '{copied} of {facts} facts are in the cloud',
  'journal.unread':
    'the device’s memory could not be read: stop the other program that has it, or start the device',
  'journal.refused': '{copied} of {facts} facts are in the cloud; it does not take the next: {why}',
  'data.ok': '{mb} MB of {most} MB used this month',
  'data.much': '{mb} MB of {most} MB used this month: `edge status` says for what',
};
export type Words = Readonly<Record<keyof typeof en, string>>;

const pt: Words = {
  running: 'em execução',
  stopped: 'parado; esta é a sua memória',
  device: 'dispositivo',
  state: 'estado',
  model: 'modelo',
  none: 'nenhum',
  previous: 'anterior',
  tried: 'última tentativa',
  forecast: 'previsão',
  naive: 'valores da semana passada: {why}',
  link: 'nuvem',
  connected: 'conectado',
  unconnected: 'sem conexão',
  outbox: 'a enviar',
  outboxOf: '{acks} respostas, {readings} leituras, {forecasts} previsões, {facts} fatos',
  history: 'histórico',
  hours: '{hours} das últimas 720 horas',
  data: 'dados em {month}',
  dataOf: '{mb} MB de {most} MB ({parts})',
  dataNear: '! 80 % usados: o que pode esperar segue a cada seis horas',
  dataSpent: '! tudo usado: previsões e diário esperam; respostas seguem',
  dataAllowed: 'sem limite até {until}',
  waits: 'espera: {why}',
  dropped: 'descartados',
  droppedOf: '{forecasts} previsões, {readings} leituras',
  clock: 'relógio',
  clockLost: '! acerte-o: {now} é o último instante conhecido',
  refused: 'recusados',
  times: '{times} vezes',
  columns: 'quando|o que aconteceu|sobre',
  nothing: 'nada aconteceu ainda',
  takenBack: 'o modelo foi retirado: {version} volta a servir em instantes',
  takenBackLater: 'anotado: o dispositivo retira o modelo quando iniciar',
  healthy: 'o dispositivo está bem',
  unwell: '{fail} a corrigir, {warn} a verificar',
  benched: '{version}: {ms} ms por inferência (menos de {mostMs}), {mb} MB (menos de {mostMb})',
  benchFailed: '{version}: {why}',
  'disk.ok': '{free} MB livres',
  'disk.little': 'só {free} MB livres: remova o que não é necessário antes da próxima atualização',
  'disk.full': 'só {free} MB livres: nenhuma atualização pode ser instalada; libere espaço',
  'disk.not-writable':
    '{folder} não existe ou não pode ser escrita: use o usuário do dispositivo, ou dê-lhe a pasta',
  'clock.ok': '{now}',
  'clock.unchecked': '{now}; a memória do dispositivo não pôde ser lida',
  'clock.lost': 'marca {now}, mas já passa de {floor}: acerte-o e deixe a rede mantê-lo (NTP)',
  'broker.connected': 'conectado a {url}',
  'broker.reached': '{url} responde',
  'broker.not-connected':
    '{url} responde, mas o dispositivo não está conectado: veja a credencial e o registro',
  'broker.unreachable': '{url} não responde ({why}): verifique a rede, o endereço e a porta 1883 ou 8883',
  'credential.ok': 'a nuvem conhece {deviceId}',
  'credential.refused':
    'a nuvem recusa {deviceId} ({why}): segredo errado ou revogado; adicione um novo dispositivo',
  'credential.unasked': '{url} não pôde ser consultada ({why}): verifique a rede e cloudUrl',
  'keys.ok': '{keys} chaves, e uma raiz',
  'keys.no-root': '{keys} chaves, sem trustRoot: escreva nas configurações a que `device add` mostra',
  'keys.unusable': 'a chave {kid} não serve ({why}): copie-a de novo de `lifo4-ml keys`',
  'model.ok': '{version}, {size} kB, íntegro',
  'model.none': 'ainda sem modelo: implante um pela nuvem',
  'model.missing': 'falta {path} de {version}: o dispositivo restaura o anterior; implante de novo',
  'model.damaged': '{path} não é {version}: o dispositivo restaura o anterior; implante de novo',
  'history.ok': '{hours} das últimas 720 horas',
  'history.short':
    '{hours} das últimas 720 horas, são precisas {least}: verifique o medidor e quem envia as leituras',
  'forecast.ok': '{at}, por {version}',
  'forecast.none': 'ainda nenhuma: precisa de um dia de carga',
  'forecast.stale': 'a última tem {hours} horas ({at}): veja se o dispositivo está em execução, e o registro',
  'forecast.naive': '{at}, valores da semana passada: {why}',
  'journal.ok': '{copied} de {facts} fatos estão na nuvem',
  'journal.unread':
    'a memória do dispositivo não pôde ser lida: pare o outro programa que a usa, ou inicie o dispositivo',
  'journal.refused': '{copied} de {facts} fatos estão na nuvem; ela não aceita o próximo: {why}',
  'data.ok': '{mb} MB de {most} MB usados neste mês',
  'data.much': '{mb} MB de {most} MB usados neste mês: `edge status` diz para quê',
};

export const wordsOf = (language: Language): Words => ({ en, 'pt-BR': pt })[language];

/** The language that was asked for, else the terminal's, else English. */
export function languageOf(
  wish: Language | undefined,
  env: Readonly<Record<string, string | undefined>>,
): Language {
  const locale = env['LC_ALL'] || env['LC_MESSAGES'] || env['LANG'] || '';
  return wish ?? (/^pt/i.test(locale) ? 'pt-BR' : 'en');
}

/** A text with its `{names}` filled in. */
export const fill = (text: string, values: Readonly<Record<string, string | number>>): string =>
  text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));

/** The words of a finding. */
export function wordsFor(words: Words, key: string): string {
  return Object.hasOwn(words, key) ? words[key as keyof Words] : key;
}
