/** Made from the API document by `npm run client`. Change the schemas of the routes, not this file. */

type Refusals<Status extends number> = Record<
  Status,
  { content: { 'application/problem+json': Problem } }
>;

export type Accuracy = {
  /** Mean absolute percentage error, percent */
  mape: number;
  /** kW */
  rmse: number;
};

/** Daily figures of all models, oldest day first, and of each version that served. */
export type AccuracyTrend = {
  systemId: string;
  days: ({
    /** `device` for what the device served; a name for another model of that version. */
    model: string;
    day: string;
    issuedAt: string;
    modelType: string;
    version: string | null;
    mape: number | null;
    wape: number | null;
    rmse: number | null;
    coverage90: number | null;
    /** Hours scored. */
    hours: number;
    /** Hours near zero, which count in no percentage. */
    excludedHours: number;
    /** Hours measured a hundred times too high: another unit. */
    suspectHours: number;
  })[];
  /** Means over the days that each version served, the newest version last. */
  versions: ({
    version: string | null;
    modelType: string;
    firstDay: string;
    lastDay: string;
    days: number;
    mape: number | null;
    rmse: number | null;
    coverage90: number | null;
  })[];
};

/** Something is wrong with a site’s forecasts. Errors and limits in percent, power in kW. */
export type Alert = {
  alertId: string;
  systemId: string;
  rule: 'daily-mape' | 'weekly-rmse' | 'hour-errors' | 'wrong-unit';
  priority: 'P4';
  status: 'open' | 'acknowledged' | 'resolved';
  /** The local day whose scores opened it. */
  day: string;
  /** The figures that a rule was judged by, with the limit that it was held against. */
  evidence: {
    limit: number;
    /** Days that count, the error of each, and its RMSE. */
    days: ({
      day: string;
      error: number | null;
      rmseKw: number | null;
    })[];
    /** Local hours that are wrong again and again: their error, and on how many days. */
    hours: {
      hour: number;
      error: number;
      days: number;
    }[];
    /** RMSE and mean load of the last seven days and of the seven before. */
    weeks: {
      rmseKw: number;
      meanKw: number;
      rmseBeforeKw: number;
      meanBeforeKw: number;
    } | null;
    /** Hours of the last day that were measured in another unit. */
    suspectHours: number;
  };
  actions: ('check-load-profile' | 'retrain-on-recent-data' | 'add-event-flag' | 'check-meter-unit')[];
  proposedFlag: {
    label: string;
    hours: number[];
    weekdays?: number[];
    dates?: string[];
  } | null;
  acceptedFlag: string | null;
  retrainJobId: string | null;
  openedAt: string;
  updatedAt: string;
};

/** Alerts, newest first. */
export type AlertPage = {
  items: Alert[];
  nextCursor: string | null;
};

export type Comparison = {
  championVersion: string;
  championDeploymentId: string;
  /** Days that neither model was trained on. */
  unseenDays: number;
  championMape: number | null;
  challengerMape: number | null;
  gain: number | null;
  gainLower90: number | null;
  gainUpper90: number | null;
};

export type Condition = {
  name: string;
  holds: boolean | null;
  /** What it looked at. */
  values: Record<string, string | number | boolean | null | {
    percent: number | null;
  }>;
};

export type Contract = {
  peakKw: number | null;
  /** Contracted demand off peak (fora-ponta), kW. */
  offPeakKw: number;
  /** Local hours of ponta on working days; 18, 19 and 20 unless given. */
  peakHours: number[];
  /** Percent above the contract before a penalty applies; 5 unless given. */
  tolerance: number;
  validFrom: string | null;
  validTo: string | null;
};

export type DayScore = {
  day: string;
  issuedAt: string;
  modelType: string;
  version: string | null;
  mape: number | null;
  wape: number | null;
  rmse: number | null;
  coverage90: number | null;
  /** Hours scored. */
  hours: number;
  /** Hours near zero, which count in no percentage. */
  excludedHours: number;
  /** Hours measured a hundred times too high: another unit. */
  suspectHours: number;
  forecastKw: number[];
  lowerKw: number[];
  upperKw: number[];
  actualKw: (number | null)[];
};

export type DeadEffect = {
  /** Names the effect: stream, version of the fact that asked for it, place. */
  key: string;
  streamId: string;
  type: string;
  /** How often it was tried. */
  attempts: number;
  /** The last error. */
  error: string | null;
};

/** Newest first, at most 200. */
export type DeadEffectList = {
  items: DeadEffect[];
};

/** The gate’s numbers. */
export type Decision = {
  metric: 'mape' | 'wape';
  /** What had to be undercut, percent */
  target: number;
  /** What had to be gained on the champion, percent */
  minimumGain: number;
  minimumUnseenDays: number;
  /** What the new model scored, percent */
  challenger: number;
  /** What repeating last week scored, percent */
  seasonalNaive: number;
  forced: boolean;
  comparison: Comparison | null;
};

/** One model version on its way to one device. */
export type Deployment = {
  deploymentId: string;
  systemId: string;
  deviceId: string;
  version: string;
  modelType: string;
  /** Rises with every desired state of the site. */
  assignment: number;
  status: 'offered' | 'active' | 'rejected' | 'rolledback' | 'expired' | 'superseded';
  jobId: string | null;
  rolloutId: string | null;
  accuracy: Accuracy;
  reason: string | null;
  inferenceMs: number | null;
  offeredAt: string;
  updatedAt: string;
  expires: string;
};

/** Deployments, newest first. */
export type DeploymentPage = {
  items: Deployment[];
  nextCursor: string | null;
};

export type DeviceJournal = {
  deviceId: string;
  /** A device that was reset begins another installation. */
  installationId: string;
  /** Its stream in the log; machine `device-update`. */
  streamId: string;
  /** How many are copied. */
  facts: number;
  lastAt: string;
  quota: {
    /** The latest UTC day on which the device had facts copied. */
    day: string;
    used: number;
    /** Facts that the device showed and that wait for another day. */
    held: number;
    limit: number;
  } | null;
};

/** The journals of the site’s devices, as far as they are copied. */
export type DeviceJournalList = {
  items: DeviceJournal[];
};

/** Where in the week the forecasts made at midnight miss, by local weekday and hour; cells without a scored hour are absent. */
export type ErrorHours = {
  systemId: string;
  from: string;
  to: string;
  cells: ({
    /** Monday is 0. */
    weekday: number;
    /** Local hour. */
    hour: number;
    error: number | null;
    /** kW */
    meanAbsoluteError: number;
    /** Mean of forecast less actual, kW. */
    bias: number;
    /** Hours scored. */
    hours: number;
  })[];
};

export type ErrorPoint = {
  /** Lead time from 1, or local hour from 0. */
  at: number;
  mape: number | null;
  meanAbsoluteError: number | null;
  /** Hours scored. */
  hours: number;
};

/** Errors in the backtest by lead time and by local hour. */
export type ErrorProfile = {
  byLead: ErrorPoint[];
  byLocalHour: ErrorPoint[];
};

/** Forecasts of this version against what then happened. */
export type Evaluation = {
  /** Leads 1 to 48, percent. */
  mape: number;
  /** Leads 1 to 48, kW. */
  rmse: number;
  /** Hours at leads 1 to 24 within the tolerance, percent. */
  accuracy24h: number;
  /** Hours at leads 25 to 48 within the tolerance, percent. */
  accuracy48h: number;
  /** The three local hours of highest error, ascending. */
  worstHours: number[];
  /** The three local hours of lowest error, ascending. */
  bestHours: number[];
  /** Leads 1 to 24, percent. */
  mape24h: number;
  /** Leads 25 to 48, percent. */
  mape48h: number;
  accuracyTolerancePct: number;
  /** Scored hours that the model was trained on. */
  inSampleHours: number;
  evaluatedHours: number;
  /** Hours too near zero for a percentage. */
  excludedHours: number;
  /** Hours without a reading. */
  missingHours: number;
  /** Local midnights from which forecasts were made. */
  origins: number;
};

/** Evaluations that are fetched later, newest first. */
export type EvaluationPage = {
  items: EvaluationRow[];
  nextCursor: string | null;
};

export type EvaluationRequest = {
  /** A site: lower-case letters, digits and hyphens, at most 63, starting with a letter or digit. */
  systemId: string;
  startDate: string;
  endDate: string;
  modelVersion: string;
  /** The model of that version; the one that its job judged when left out. */
  modelType?: 'ensemble' | 'xgboost' | 'lstm' | 'prophet' | 'arima' | 'linear' | 'profile';
};

/** Pending until it ends; its own page tells how far it is. */
export type EvaluationRow = {
  evaluationId: string;
  systemId: string;
  modelVersion: string;
  modelType: string;
  startDate: string;
  endDate: string;
  statusUrl: string;
  result: Evaluation | null;
  failure: {
    code: string;
    reason: string;
  } | null;
  createdAt: string;
  updatedAt: string;
  status: 'pending' | 'completed' | 'failed' | 'cancelled';
};

/** An evaluation that is fetched later. */
export type EvaluationView = {
  evaluationId: string;
  systemId: string;
  modelVersion: string;
  modelType: string;
  startDate: string;
  endDate: string;
  statusUrl: string;
  result: Evaluation | null;
  failure: {
    code: string;
    reason: string;
  } | null;
  createdAt: string;
  updatedAt: string;
  status: 'pending' | 'running' | 'completed' | 'failed' | 'cancelled';
  progress: {
    daysDone: number;
    days: number;
  } | null;
};

/** The site’s event flags; each label is a feature from the next training on. */
export type EventFlagList = {
  eventFlags: {
    label: string;
    hours: number[];
    weekdays?: number[];
    dates?: string[];
  }[];
};

/** Facts in the order of the log. */
export type EventPage = {
  items: LoggedFact[];
  /** Give it as `cursor` to read on, also after the end: what comes later follows it. */
  nextCursor: string;
  /** Nothing followed when this was read. */
  atEnd: boolean;
};

export type Fact = {
  streamId: string;
  /** Place within its stream, from 1. */
  version: number;
  eventId: string;
  type: string;
  /** As the schema of the fact type says; shares in percent. */
  data: unknown;
  at: string;
  /** Opaque id of who caused it. */
  actor: string;
  systemId: string | null;
  correlationId: string;
  causationId: string | null;
  machine: string;
  recordedAt: string;
};

/** Facts of the stream, oldest first. */
export type FactList = {
  items: Fact[];
};

export type FactType = {
  type: string;
  streamType: 'training-job' | 'deployment' | 'site' | 'device-journal' | 'device' | 'alert-silence' | 'alert' | 'fleet' | 'evaluation' | 'rollout';
  /** Of the schema. */
  version: number;
  /** Where the schema is. */
  url: string;
};

/** Every type of fact, by name. */
export type FactTypeList = {
  items: FactType[];
};

/** Whether models go out by themselves. */
export type Fleet = {
  status: 'deploying' | 'stopped';
  stoppedAt: string | null;
  failed: number | null;
  settled: number | null;
  deploymentIds: string[];
};

/** Sites in service with what runs, how they do and what is wrong. */
export type FleetPage = {
  items: FleetSite[];
  /** Sites that the filters find. */
  total: number;
  /** Sites in each state among all that `q` finds, whatever states are asked for. */
  counts: {
    all: number;
    differs: number;
    unanswered: number;
    'stale-forecast': number;
    'open-alert': number;
    paused: number;
  };
  nextCursor: string | null;
};

/** A site in service, as a row of the fleet. */
export type FleetSite = {
  systemId: string;
  zone: string;
  deviceId: string | null;
  runningVersion: string | null;
  desiredVersion: string | null;
  attemptedVersion: string | null;
  difference: SiteDifference | null;
  states: ('differs' | 'unanswered' | 'stale-forecast' | 'open-alert' | 'paused')[];
  forecastAt: string | null;
  forecastAgeSeconds: number | null;
  mape7: number | null;
  mape28: number | null;
  scoredUntil: string | null;
  /** Daily MAPE of the fourteen days that end with `scoredUntil`, the oldest first, percent; empty before the first. */
  mapeTrend: (number | null)[];
  openAlerts: number;
  acknowledgedAlerts: number;
  alertPriority: 'P4' | null;
  retrainsPaused: string | null;
  nextRetrain: string | null;
};

/** The latest forecast that the site’s device made. */
export type Forecast = {
  systemId: string;
  issuedAt: string;
  version: string;
  modelType: string;
  deviceId: string;
  hours: ({
    hour: string;
    loadKw: number;
    /** Lower end of the 90 % band. */
    lowerKw: number;
    /** Upper end of the 90 % band. */
    upperKw: number;
    peakProbability: number | null;
    /** Chance that the demand before the battery and after solar passes the contracted demand of its post with its tolerance, 0 to 1; absent where no contract is in force. */
    exceedanceProbability?: number;
    /** The highest 15-minute demand, or the hour’s mean where no 15 minutes are measured. */
    exceedanceBasis?: 'max15' | 'hourly-mean';
  })[];
};

/** Without a token only jobId, status, progress and times. */
export type Job = {
  jobId: string;
  /** pending → training → evaluated → deployed | kept, then deployed → acked | rolledback | undelivered. */
  status: 'pending' | 'training' | 'evaluated' | 'deployed' | 'kept' | 'acked' | 'rolledback' | 'undelivered' | 'failed' | 'cancelled';
  /** How far each model and stage is; empty when nothing is being trained. */
  progress: ({
    stage: 'fit' | 'backtest' | 'refit' | 'export' | 'parity';
    model: string | null;
    share: number;
  })[];
  createdAt: string;
  updatedAt: string;
  systemId?: string;
  modelType?: string;
  trainingWindowDays?: number;
  forceRedeploy?: boolean;
  /** The model waits because automatic deployments are stopped. */
  held?: boolean;
  trigger?: 'manual' | 'weekly' | 'alert';
  version?: string | null;
  reason?: string | null;
  dataSet?: JobDataSet | null;
  metrics?: Metrics | null;
  seasonalNaive?: Metrics | null;
  members?: Member[];
  decision?: Decision | null;
  artifact?: {
    checksum: string;
    size: number;
    url: string;
  } | null;
  /** Processor time of each stage, and of each model in it. */
  timings?: ({
    stage: string;
    model: string | null;
    cpuSeconds: number;
  })[];
  deployment?: JobDeployment | null;
  /** What is being done for the job, or waits to be. */
  work?: ({
    type: string;
    state: 'waiting' | 'running' | 'retrying' | 'dead';
    attempts: number;
  })[];
};

export type JobDataSet = {
  from: string;
  to: string;
  hours: number;
  warmupHours: number;
  filledHours: number;
  findings: string[];
};

export type JobDeployment = {
  deploymentId: string;
  status: string | null;
  reason: string | null;
  inferenceMs: number | null;
};

/** Training jobs, newest first. */
export type JobPage = {
  items: JobRow[];
  nextCursor: string | null;
};

export type JobRow = {
  jobId: string;
  systemId: string;
  modelType: string;
  trigger: string;
  /** pending → training → evaluated → deployed | kept, then deployed → acked | rolledback | undelivered. */
  status: 'pending' | 'training' | 'evaluated' | 'deployed' | 'kept' | 'acked' | 'rolledback' | 'undelivered' | 'failed' | 'cancelled';
  version: string | null;
  reason: string | null;
  createdAt: string;
  updatedAt: string;
};

export type JudgedFact = {
  fact: string;
  guards: Condition[];
};

export type LiftedSilence = {
  systemId?: string | null;
  rule?: 'daily-mape' | 'weekly-rmse' | 'hour-errors' | 'wrong-unit' | null;
  reason: string;
};

export type LoggedFact = {
  /** Place in the log; the same as the id of an event of `/stream`. */
  seq: number;
  streamId: string;
  /** Place within its stream, from 1. */
  version: number;
  eventId: string;
  /** As the log holds it: shares are fractions of 1. */
  fact: {
    type: string;
    data: unknown;
  };
  metadata: {
    /** Opaque id of who caused it. */
    actor: string;
    tenant: string;
    systemId: string | null;
    correlationId: string;
    machine: string;
    schema: number;
    at: string;
  } & Record<string, unknown>;
  recordedAt: string;
};

/** What each state does with each fact; what is not listed is illegal. */
export type Machine = {
  name: string;
  version: number;
  /** Its streams are `{streamType}-{id}`. */
  streamType: string;
  initial: string;
  states: {
    name: string;
    final: boolean;
    transitions: {
      fact: string;
      to: string;
      effects: string[];
      /** Conditions that must hold. */
      guards: string[];
    }[];
  }[];
  /** States with moves in common, drawn within one frame. */
  groups: {
    name: string;
    states: string[];
  }[];
  /** The facts that each command may make. */
  commands: {
    command: string;
    facts: string[];
  }[];
};

/** All lifecycles. */
export type MachineList = {
  items: Machine[];
};

export type Member = {
  model: string;
  outcome: 'trained' | 'failed' | 'unavailable';
  reason?: string;
  /** Weight in the ensemble; the weights sum to 1. */
  weight: number;
  metrics: Metrics | null;
};

export type Metrics = {
  /** Over leads 1 to 48, percent */
  mape: number;
  /** Weighted absolute percentage error, percent */
  wape: number;
  /** kW */
  rmse: number;
  /** Against the same hour of the day before; 1 is as good as that. */
  mase: number;
  coverage90: number | null;
  /** Over leads 1 to 24, percent */
  mape24h: number;
  /** Over leads 25 to 48, percent */
  mape48h: number;
  /** Hours scored. */
  hours: number;
  /** Hours too near zero for a percentage. */
  excludedHours: number;
};

/** A model version of a site: what it was made of, how it was judged and where it ran. */
export type Model = {
  systemId: string;
  version: string;
  modelType: string;
  /** `active` while the site’s device runs it. */
  status: 'active' | 'legacy';
  jobId: string;
  artifact: {
    checksum: string;
    size: number;
  };
  /** Where the file can be fetched. */
  url: string;
  /** The ensemble’s file and one for each model that may be deployed. */
  files: ModelFile[];
  accuracy: Accuracy;
  metrics: Metrics;
  errorProfile: ErrorProfile | null;
  members: Member[];
  layoutVersion: number;
  trainedUntil: string;
  createdAt: string;
  verdict: 'deployed' | 'kept' | null;
  decision: Decision | null;
  keptReason: string | null;
  requestedBy: string | null;
  trigger: 'manual' | 'weekly' | 'alert' | null;
  seed: number | null;
  trainingWindowDays: number | null;
  dataSet: ModelDataSet | null;
  /** To whom it was offered, oldest first. */
  offers: Offer[];
  /** Where it ran, oldest first. */
  runs: Run[];
};

/** The cleaned hours that it was trained on, by their hash. */
export type ModelDataSet = {
  checksum: string;
  size: number;
  from: string;
  to: string;
  hours: number;
  /** Hours before `from` that only warm up the lags. */
  warmupHours: number;
  filledHours: number;
  findings: string[];
};

export type ModelFile = {
  modelType: string;
  checksum: string;
  size: number;
  /** Where the file can be fetched. */
  url: string;
  metrics: Metrics;
};

/** Model versions. */
export type ModelPage = {
  items: Model[];
  nextCursor: string | null;
};

export type NewContract = {
  peakKw?: number | null;
  /** Contracted demand off peak (fora-ponta), kW. */
  offPeakKw: number;
  /** Local hours of ponta on working days; 18, 19 and 20 unless given. */
  peakHours?: number[];
  /** Percent above the contract before a penalty applies; 5 unless given. */
  tolerance?: number;
  validFrom?: string | null;
  validTo?: string | null;
};

/** The site’s new device; the one before is revoked. */
export type NewDevice = {
  deviceId: string;
  /** Shown this once; only its hash is kept. */
  secret: string;
  /** The signed root that the device’s trust begins with; absent where none is published. */
  trustRoot?: Record<string, unknown>;
  /** The whole settings file that the device’s program is started with, the secret in it. */
  settings: Record<string, unknown>;
};

export type NewReadings = {
  readings: Reading[];
};

export type NewSettings = {
  /** IANA time zone; America/Sao_Paulo unless given. */
  zone?: string;
  ibgeCode?: string | null;
  tariff?: 'verde' | 'azul' | 'branca' | 'convencional' | null;
  ratedKw?: number | null;
  contract?: NewContract | null;
  target?: Target | null;
  /** Days beside those known of the place: municipal holidays, bridges, shutdowns. The next training and the device use them. */
  specialDays?: ({
    date: string;
    name: string;
    kind: 'national' | 'customary' | 'half' | 'state' | 'municipal' | 'bridge' | 'shutdown';
  })[];
  /** Local hours, of weekdays (Monday is 0) or dates or any day, in which the load is another one. Each label becomes a feature at the next training. */
  eventFlags?: {
    label: string;
    hours: number[];
    weekdays?: number[];
    dates?: string[];
  }[];
  /** Local hours in which the site’s device may fetch a model; all unless given. */
  downloadHours?: number[];
};

export type NewSilence = {
  systemId?: string | null;
  rule?: 'daily-mape' | 'weekly-rmse' | 'hour-errors' | 'wrong-unit' | null;
  until: string;
  reason: string;
};

export type Offer = {
  deploymentId: string;
  deviceId: string;
  modelType: string;
  offeredAt: string;
  /** Opaque id of who caused it; `cloud` for the gate. */
  offeredBy: string;
  /** A person wanted this version again. */
  restored: boolean;
};

/** Problem details, RFC 9457. */
export type Problem = {
  /** Names the kind of problem. */
  type: string;
  title: string;
  status: number;
  /** What is wrong and what to do. */
  detail: string;
  /** The kind of problem, stable for programs. */
  code: string;
  /** Id of the request, as the log has it. */
  instance: string;
  problems?: {
    /** JSON pointer into the request. */
    pointer: string;
    /** Row of the readings, from 1. */
    row?: number;
    detail: string;
  }[];
} & Record<string, unknown>;

export type Reading = {
  hour: string;
  /** Meter (net load), mean of the hour, kW. */
  loadKw?: number;
  /** Battery, mean of the hour, kW; positive when discharging. */
  batteryKw?: number;
  /** Solar, mean of the hour, kW. */
  pvKw?: number;
  /** Ambient, °C. */
  temperatureC?: number;
  /** Highest 15-minute demand within the hour, kW. */
  max15Kw?: number;
  /** Energy price of the hour, R$/MWh: taken as published on the day before, and with no other value beside it up to 48 h ahead. */
  priceBrlMwh?: number;
};

/** Readings with from <= hour < to, oldest first; missing hours are absent. */
export type ReadingList = {
  systemId: string;
  from: string;
  to: string;
  extent: {
    first: string;
    last: string;
  } | null;
  readings: Reading[];
};

/** One effect by its key, all of a type, or with neither all of them. */
export type RedriveRequest = {
  key?: string;
  type?: string;
};

export type Redriven = {
  /** Effects that are due again. */
  redriven: number;
};

export type RefusedFact = {
  fact: string;
  /** `state`: illegal there; `guard`: a condition does not hold; `other`: it could have been, but was not. */
  why: 'state' | 'guard' | 'other';
  /** States in which it is legal. */
  legalIn: string[];
  guards: Condition[];
};

export type RequestedEffect = {
  /** `stream@version#index`: work is done once by it. */
  key: string;
  type: string;
  lane: 'quick' | 'slow';
  data: unknown;
  due?: {
    clock: 'site';
    at: string;
  } | {
    clock: 'machine';
    afterMs: number;
  };
};

export type RestoreRequest = {
  /** The model of that version; the one that its job judged when left out. */
  modelType?: 'ensemble' | 'xgboost' | 'lstm' | 'prophet' | 'arima' | 'linear' | 'profile';
  /** Also when another restore of this site is still on offer, which then ends; false if left out. */
  replace?: boolean;
};

/** The job is in the log and can be read at once. */
export type RetrainAccepted = {
  jobId: string;
  /** pending → training → evaluated → deployed | kept, then deployed → acked | rolledback | undelivered. */
  status: 'pending' | 'training' | 'evaluated' | 'deployed' | 'kept' | 'acked' | 'rolledback' | 'undelivered' | 'failed' | 'cancelled';
  statusUrl: string;
};

export type RetrainRequest = {
  /** A site: lower-case letters, digits and hyphens, at most 63, starting with a letter or digit. */
  systemId: string;
  /** The model that is judged and deployed; all models are trained. */
  modelType?: 'ensemble' | 'xgboost' | 'lstm' | 'prophet' | 'arima' | 'linear' | 'profile';
  /** `documented` restricts the ensemble to xgboost, lstm and prophet. */
  members?: 'all' | 'documented';
  trainingWindowDays?: number;
  /** Skips the comparison with the model in service, nothing else. */
  forceRedeploy?: boolean;
  /** Keeps the model even where the gate would deploy it, for a rollout to send it. */
  hold?: boolean;
};

/** Versions of many sites on their way, stage by stage. */
export type Rollout = {
  rolloutId: string;
  note: string;
  /** rolling ⇄ soaking, both ⇄ paused, then completed; or reverting, then aborted. */
  status: 'rolling' | 'soaking' | 'paused' | 'reverting' | 'aborted' | 'completed';
  /** The stage under way, or the last one; `shadow` before anything is sent. */
  stage: string;
  stages: string[];
  sites: number;
  counts: RolloutCounts;
  reason: string | null;
  createdAt: string;
  updatedAt: string;
  rules: RolloutRules;
  cause: 'person' | 'threshold' | 'fleet-stopped' | 'trouble' | null;
  breach: RolloutBreach | null;
  soakUntil: string | null;
  /** Opaque id of who began it. */
  createdBy: string;
};

/** The threshold that was passed: `count` of `of` sites. */
export type RolloutBreach = {
  measure: string;
  count: number;
  of: number;
  limitPct: number;
};

/** Sites by where they stand; they add up to all of them. */
export type RolloutCounts = {
  waiting: number;
  heldBack: number;
  skipped: number;
  offered: number;
  active: number;
  failed: number;
  expired: number;
  superseded: number;
  reverting: number;
  reverted: number;
  notReverted: number;
};

/** Rollouts, newest first. */
export type RolloutPage = {
  items: RolloutRow[];
  nextCursor: string | null;
};

/** What a rollout would do if it began now. */
export type RolloutPlan = {
  rules: RolloutRules;
  /** In the order in which they would get their version. */
  sites: ({
    systemId: string;
    version: string;
    modelType: string;
    zone: string;
    running: string | null;
  })[];
  /** Sites that would be left as they are, and why. */
  left: {
    systemId: string;
    reason: string;
  }[];
};

export type RolloutReason = {
  reason: string;
};

export type RolloutRequest = {
  /** In the order in which they get their version: the one that is named, or the latest that passed its gate. Every site with a newer one when left out. */
  sites?: RolloutSiteWish[];
  /** Only sites of this IANA zone. */
  zone?: string;
  note?: string;
  stages?: RolloutStageWish[];
  /** Recent days on which each candidate is held against what runs, before anything is sent; 0 for none. */
  shadowDays?: number;
  window?: RolloutWindow | null;
  /** Sites that may have an offer without an answer at the same time. */
  atOnce?: number;
  /** Offers within an hour; null for no limit. */
  perHour?: number | null;
  /** How long a stage’s models serve before the next one begins. */
  soakHours?: number;
  thresholds?: RolloutThresholdWishes;
  /** What a passed threshold does; `abort` takes the updated sites back. */
  onBreach?: 'pause' | 'abort';
  /** Answers the plan and begins nothing. */
  dryRun?: boolean;
};

export type RolloutRow = {
  rolloutId: string;
  note: string;
  /** rolling ⇄ soaking, both ⇄ paused, then completed; or reverting, then aborted. */
  status: 'rolling' | 'soaking' | 'paused' | 'reverting' | 'aborted' | 'completed';
  /** The stage under way, or the last one; `shadow` before anything is sent. */
  stage: string;
  stages: string[];
  sites: number;
  counts: RolloutCounts;
  reason: string | null;
  createdAt: string;
  updatedAt: string;
};

/** `upTo` sites in all have been offered their version when a stage is over. */
export type RolloutRules = {
  shadowDays: number;
  stages: {
    name: string;
    upTo: number;
  }[];
  window: RolloutWindow | null;
  atOnce: number;
  perHour: number | null;
  soakHours: number;
  thresholds: RolloutThresholds;
  onBreach: 'pause' | 'abort';
};

export type RolloutSite = {
  systemId: string;
  version: string;
  modelType: string;
  running: string | null;
  status: 'waiting' | 'shadowing' | 'passed' | 'held-back' | 'skipped' | 'offered' | 'active' | 'rejected' | 'rolledback' | 'expired' | 'superseded' | 'reverting' | 'reverted' | 'not-reverted';
  stage: string | null;
  deploymentId: string | null;
  revertId: string | null;
  shadowMape: number | null;
  runningMape: number | null;
  liveWape: number | null;
  previousWape: number | null;
  reason: string | null;
  at: string | null;
};

/** Sites in the order of the rollout. */
export type RolloutSitePage = {
  items: RolloutSite[];
  nextCursor: string | null;
};

export type RolloutSiteWish = {
  /** A site: lower-case letters, digits and hyphens, at most 63, starting with a letter or digit. */
  systemId: string;
  version?: string;
  modelType?: 'ensemble' | 'xgboost' | 'lstm' | 'prophet' | 'arima' | 'linear' | 'profile';
};

/** So many sites in all, or a share of those planned: one of the two. */
export type RolloutStageWish = {
  sites?: number;
  sharePct?: number;
};

export type RolloutThresholdWishes = {
  /** Share of a stage’s sites that may reject their version or roll it back. */
  failuresPct?: number;
  /** Share of a stage’s sites that may not answer in time. */
  timeoutsPct?: number;
  /** Share of all sites whose candidate may be worse in shadow. */
  shadowWorsePct?: number;
  /** Share of a stage’s sites whose error may be larger in service. */
  liveWorsePct?: number;
  /** How much larger an error may be than that of the model before, relative to it. */
  errorIncreasePct?: number;
};

export type RolloutThresholds = {
  failuresPct: number;
  timeoutsPct: number;
  shadowWorsePct: number;
  liveWorsePct: number;
  errorIncreasePct: number;
};

/** Local hours of a site in which it may be offered a version, up to but not `toHour`. */
export type RolloutWindow = {
  fromHour: number;
  toHour: number;
};

export type Run = {
  deploymentId: string;
  deviceId: string;
  modelType: string | null;
  from: string;
  to: string | null;
  ended: 'replaced' | 'rolledback' | 'device-replaced' | 'site-decommissioned' | null;
  reason: string | null;
};

/** Local days as they were forecast at their first hour, leads 1 to 24, and what was measured. Shares in percent. */
export type ScoreList = {
  systemId: string;
  items: DayScore[];
};

export type Settings = {
  /** IANA time zone; America/Sao_Paulo unless given. */
  zone: string;
  ibgeCode: string | null;
  tariff: 'verde' | 'azul' | 'branca' | 'convencional' | null;
  ratedKw: number | null;
  contract: Contract | null;
  target: Target | null;
  /** Days beside those known of the place: municipal holidays, bridges, shutdowns. The next training and the device use them. */
  specialDays?: ({
    date: string;
    name: string;
    kind: 'national' | 'customary' | 'half' | 'state' | 'municipal' | 'bridge' | 'shutdown';
  })[];
  /** Local hours, of weekdays (Monday is 0) or dates or any day, in which the load is another one. Each label becomes a feature at the next training. */
  eventFlags?: {
    label: string;
    hours: number[];
    weekdays?: number[];
    dates?: string[];
  }[];
  /** Local hours in which the site’s device may fetch a model; all unless given. */
  downloadHours?: number[];
};

export type Silence = {
  systemId: string | null;
  rule: 'daily-mape' | 'weekly-rmse' | 'hour-errors' | 'wrong-unit' | null;
  until: string;
};

/** What is kept silent now; null for every site, or every rule. */
export type SilenceList = {
  items: Silence[];
};

/** A site with its settings. */
export type Site = {
  systemId: string;
  settings: Settings;
  deviceId: string | null;
  nextRetrain: string | null;
  nextRetrainStart: string | null;
  retrainsPaused: string | null;
  lastSkippedRetrain: {
    slot: string;
    reason: string;
  } | null;
};

/** A site as it stood at an instant, from the log alone. */
export type SiteAt = {
  systemId: string;
  time: string;
  status: 'registered' | 'decommissioned';
  deviceId: string | null;
  running: {
    deploymentId: string;
    version: string;
  } | null;
  desired: {
    deploymentId: string;
    version: string;
  } | null;
  previous: {
    deploymentId: string;
    version: string;
  } | null;
  attempted: {
    deploymentId: string;
    version: string;
    status: string;
    reason: string | null;
  } | null;
  lastDecision: {
    jobId: string;
    version: string;
    verdict: 'deployed' | 'kept';
    reason: string | null;
    deploymentId: string | null;
    decision: Decision;
    at: string;
  } | null;
  /** Alerts that were not resolved, oldest first. */
  openAlerts: Alert[];
  settings: Settings;
  settingsSince: string;
  nextRetrain: string | null;
  /** Facts that this follows from. */
  facts: number;
};

/** Why a site does not run what was last meant for it: it has no device, the device has not answered the offer, how the last offer ended, or no model was offered to this device yet. */
export type SiteDifference = {
  code: 'no-device' | 'unanswered' | 'rejected' | 'rolledback' | 'expired' | 'nothing-running';
  reason: string | null;
  since: string | null;
};

/** Sites with what runs, what should run and what was tried last. */
export type SitePage = {
  items: SiteRow[];
  nextCursor: string | null;
};

export type SiteRow = {
  systemId: string;
  status: 'registered' | 'decommissioned';
  zone: string;
  contract: Contract | null;
  deviceId: string | null;
  runningVersion: string | null;
  desiredVersion: string | null;
  attemptedVersion: string | null;
  attemptedStatus: string | null;
  attemptedReason: string | null;
  createdAt: string;
  updatedAt: string;
};

export type StreamStep = {
  version: number;
  type: string;
  data: unknown;
  at: string;
  actor: string;
  recordedAt: string;
  /** Machine and version that found the fact legal. */
  machine: string;
  from: string;
  to: string;
  /** What was requested. */
  effects: RequestedEffect[];
  /** What may be requested here and was not needed. */
  spared: string[];
  guards: Condition[];
  /** Members of the context that are other than before. */
  changed: Record<string, unknown>;
  /** Members that are no longer there. */
  removed: string[];
  /** Guards of what could have happened instead. */
  rivals: JudgedFact[];
  /** Guards of what is legal after it. */
  next: JudgedFact[];
};

/** The history, folded once: the context at a step is that of the start with every change up to there. */
export type StreamSteps = {
  streamId: string;
  machine: {
    name: string;
    version: number;
  };
  definition: Machine;
  start: {
    version: number;
    state: string;
    context: unknown;
    next: JudgedFact[];
  };
  steps: StreamStep[];
  next: number | null;
  broken: {
    version: number;
    type: string;
    reason: string;
  } | null;
};

export type Target = {
  /** Percent; replaces the usual 8. */
  mape: number;
  reason: string;
  expires: string;
};

/** As the log holds it: shares are fractions here, since machines read it. */
export type TestVector = {
  machine: string;
  version: number;
  histories: {
    name: string;
    facts: {
      type: string;
      data: unknown;
    }[];
    effects: string[][];
    stage: {
      state: string;
      context: unknown;
    };
  }[];
};

/** Stored. A repeated reading overwrites only the columns that it carries. */
export type WriteSummary = {
  systemId: string;
  /** Rows received; all of them are stored. */
  readings: number;
  /** Hours that were new or are different now. */
  changed: number;
  firstHour: string;
  lastHour: string;
  /** Stored, but a hundred times the usual load of the two weeks before: check the unit, and send them again. Scored as missing; a training refuses them. */
  suspectHours?: string[];
};

export interface paths {
  '/api/v1/ml/retrain': {
    /** Train a site’s models and deploy the result if it is better */
    post: {
      parameters: {
        query?: never;
        header?: {
          'idempotency-key'?: string;
        };
        path?: never;
      };
      requestBody: {
        content: {
          'application/json': RetrainRequest;
        };
      };
      responses: {
        202: { content: {
          'application/json': RetrainAccepted;
        } };
      } & Refusals<400 | 401 | 403 | 404 | 409 | 413 | 415 | 422 | 429 | 500 | 503>;
    };
  };
  '/api/v1/ml/training-jobs/{jobId}': {
    /** State and progress of a training job */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          jobId: string;
        };
      };
      requestBody?: never;
      responses: {
        200: { content: {
          'application/json': Job;
        } };
        304: { content: never };
      } & Refusals<400 | 401 | 403 | 404 | 429 | 500 | 503>;
    };
  };
  '/api/v1/ml/training-jobs': {
    /** Training jobs, newest first */
    get: {
      parameters: {
        query?: {
          systemId?: string;
          status?: 'pending' | 'training' | 'evaluated' | 'deployed' | 'kept' | 'acked' | 'rolledback' | 'undelivered' | 'failed' | 'cancelled';
          limit?: number;
          cursor?: string;
        };
        header?: never;
        path?: never;
      };
      requestBody?: never;
      responses: {
        200: { content: {
          'application/json': JobPage;
        } };
        304: { content: never };
      } & Refusals<400 | 401 | 403 | 429 | 500 | 503>;
    };
  };
  '/api/v1/ml/training-jobs/{jobId}/cancel': {
    /** Cancel a job that is pending, training or evaluated */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          jobId: string;
        };
      };
      requestBody?: {
        content: {
          'application/json': {
            reason?: string;
          } | null;
        };
      };
      responses: {
        200: { content: {
          'application/json': Job;
        } };
      } & Refusals<400 | 401 | 403 | 404 | 409 | 413 | 415 | 429 | 500 | 503>;
    };
  };
  '/api/v1/ml/training-jobs/{jobId}/events': {
    /** The facts of a job, oldest first */
    get: {
      parameters: {
        query?: {
          after?: number;
        };
        header?: never;
        path: {
          jobId: string;
        };
      };
      requestBody?: never;
      responses: {
        200: { content: {
          'application/json': FactList;
        } };
        304: { content: never };
      } & Refusals<400 | 401 | 403 | 404 | 429 | 500 | 503>;
    };
  };
  '/api/v1/ml/evaluate': {
    /** Backtest a model version on past days */
    post: {
      parameters: {
        query?: never;
        header?: {
          prefer?: string;
        };
        path?: never;
      };
      requestBody: {
        content: {
          'application/json': EvaluationRequest;
        };
      };
      responses: {
        200: { content: {
          'application/json': Evaluation;
        } };
        202: { content: {
          'application/json': EvaluationView;
        } };
      } & Refusals<400 | 401 | 403 | 404 | 409 | 410 | 413 | 415 | 422 | 429 | 500 | 503>;
    };
  };
  '/api/v1/ml/evaluations': {
    /** Evaluations that are fetched later, newest first */
    get: {
      parameters: {
        query?: {
          systemId?: string;
          status?: 'pending' | 'completed' | 'failed' | 'cancelled';
          limit?: number;
          cursor?: string;
        };
        header?: never;
        path?: never;
      };
      requestBody?: never;
      responses: {
        200: { content: {
          'application/json': EvaluationPage;
        } };
        304: { content: never };
      } & Refusals<400 | 401 | 403 | 429 | 500 | 503>;
    };
  };
  '/api/v1/ml/evaluations/{evaluationId}': {
    /** How far an evaluation is, and what came out */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          evaluationId: string;
        };
      };
      requestBody?: never;
      responses: {
        200: { content: {
          'application/json': EvaluationView;
        } };
        304: { content: never };
      } & Refusals<400 | 401 | 403 | 404 | 429 | 500 | 503>;
    };
  };
  '/api/v1/ml/evaluations/{evaluationId}/cancel': {
    /** Stop an evaluation that has not ended */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          evaluationId: string;
        };
      };
      requestBody?: {
        content: {
          'application/json': {
            reason?: string;
          } | null;
        };
      };
      responses: {
        200: { content: {
          'application/json': EvaluationView;
        } };
      } & Refusals<400 | 401 | 403 | 404 | 409 | 413 | 415 | 429 | 500 | 503>;
    };
  };
  '/api/v1/ml/systems/{systemId}/models': {
    /** Versions of a site’s model, newest first */
    get: {
      parameters: {
        query?: {
          verdict?: 'deployed' | 'kept';
          limit?: number;
          cursor?: string;
        };
        header?: never;
        path: {
          systemId: string;
        };
      };
      requestBody?: never;
      responses: {
        200: { content: {
          'application/json': ModelPage;
        } };
        304: { content: never };
      } & Refusals<400 | 401 | 403 | 404 | 429 | 500 | 503>;
    };
  };
  '/api/v1/ml/systems/{systemId}/models/{version}': {
    /** One version: its data, seed, weights, metrics and decision, and where it ran */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          systemId: string;
          version: string;
        };
      };
      requestBody?: never;
      responses: {
        200: { content: {
          'application/json': Model;
        } };
        304: { content: never };
      } & Refusals<400 | 401 | 403 | 404 | 429 | 500 | 503>;
    };
  };
  '/api/v1/ml/systems/{systemId}/forecast': {
    /** The latest forecast of a site, 48 hours */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          systemId: string;
        };
      };
      requestBody?: never;
      responses: {
        200: { content: {
          'application/json': Forecast;
        } };
        304: { content: never };
      } & Refusals<400 | 401 | 403 | 404 | 429 | 500 | 503>;
    };
  };
  '/api/v1/ml/systems/{systemId}/models/{version}/restore': {
    /** Deploy a version again */
    post: {
      parameters: {
        query?: never;
        header?: {
          'idempotency-key'?: string;
        };
        path: {
          systemId: string;
          version: string;
        };
      };
      requestBody?: {
        content: {
          'application/json': RestoreRequest | null;
        };
      };
      responses: {
        202: { content: {
          'application/json': Deployment;
        } };
      } & Refusals<400 | 401 | 403 | 404 | 409 | 410 | 413 | 415 | 422 | 429 | 500 | 503>;
    };
  };
  '/api/v1/ml/systems/{systemId}/models/{version}/install-file': {
    /** Deploy a version by a file that is carried to the device */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          systemId: string;
          version: string;
        };
      };
      requestBody?: {
        content: {
          'application/json': RestoreRequest | null;
        };
      };
      responses: {
        200: { content: {
          'application/octet-stream': string;
        } };
      } & Refusals<400 | 401 | 403 | 404 | 409 | 410 | 413 | 415 | 422 | 429 | 500 | 503>;
    };
  };
  '/api/v1/ml/systems/{systemId}/at': {
    /** A site as it stood at an instant */
    get: {
      parameters: {
        query?: {
          time?: string;
        };
        header?: never;
        path: {
          systemId: string;
        };
      };
      requestBody?: never;
      responses: {
        200: { content: {
          'application/json': SiteAt;
        } };
        304: { content: never };
      } & Refusals<400 | 401 | 403 | 404 | 422 | 429 | 500 | 503>;
    };
  };
  '/api/v1/ml/deployments': {
    /** Deployments, newest first */
    get: {
      parameters: {
        query?: {
          systemId?: string;
          status?: 'offered' | 'active' | 'rejected' | 'rolledback' | 'expired' | 'superseded';
          limit?: number;
          cursor?: string;
        };
        header?: never;
        path?: never;
      };
      requestBody?: never;
      responses: {
        200: { content: {
          'application/json': DeploymentPage;
        } };
        304: { content: never };
      } & Refusals<400 | 401 | 403 | 429 | 500 | 503>;
    };
  };
  '/api/v1/ml/deployments/{deploymentId}': {
    /** One deployment */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          deploymentId: string;
        };
      };
      requestBody?: never;
      responses: {
        200: { content: {
          'application/json': Deployment;
        } };
        304: { content: never };
      } & Refusals<400 | 401 | 403 | 404 | 429 | 500 | 503>;
    };
  };
  '/api/v1/ml/deployments/{deploymentId}/events': {
    /** The facts of a deployment, oldest first */
    get: {
      parameters: {
        query?: {
          after?: number;
        };
        header?: never;
        path: {
          deploymentId: string;
        };
      };
      requestBody?: never;
      responses: {
        200: { content: {
          'application/json': FactList;
        } };
        304: { content: never };
      } & Refusals<400 | 401 | 403 | 404 | 429 | 500 | 503>;
    };
  };
  '/api/v1/ml/alerts': {
    /** Alerts, newest first */
    get: {
      parameters: {
        query?: {
          systemId?: string;
          status?: 'open' | 'acknowledged' | 'resolved';
          limit?: number;
          cursor?: string;
        };
        header?: never;
        path?: never;
      };
      requestBody?: never;
      responses: {
        200: { content: {
          'application/json': AlertPage;
        } };
        304: { content: never };
      } & Refusals<400 | 401 | 403 | 429 | 500 | 503>;
    };
  };
  '/api/v1/ml/alerts/{alertId}': {
    /** One alert */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          alertId: string;
        };
      };
      requestBody?: never;
      responses: {
        200: { content: {
          'application/json': Alert;
        } };
        304: { content: never };
      } & Refusals<400 | 401 | 403 | 404 | 429 | 500 | 503>;
    };
  };
  '/api/v1/ml/alerts/{alertId}/acknowledge': {
    /** Say that somebody looks after it */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          alertId: string;
        };
      };
      requestBody?: {
        content: {
          'application/json': {
            note?: string;
          };
        };
      };
      responses: {
        200: { content: {
          'application/json': Alert;
        } };
      } & Refusals<400 | 401 | 403 | 404 | 409 | 413 | 415 | 429 | 500 | 503>;
    };
  };
  '/api/v1/ml/alerts/{alertId}/accept-flag': {
    /** Give the site the event flag that the alert proposes */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          alertId: string;
        };
      };
      requestBody?: never;
      responses: {
        200: { content: {
          'application/json': Alert;
        } };
      } & Refusals<400 | 401 | 403 | 404 | 409 | 422 | 429 | 500 | 503>;
    };
  };
  '/api/v1/ml/alert-silences': {
    /** What alerts are kept silent */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path?: never;
      };
      requestBody?: never;
      responses: {
        200: { content: {
          'application/json': SilenceList;
        } };
        304: { content: never };
      } & Refusals<401 | 403 | 429 | 500 | 503>;
    };
    /** Keep alerts silent for a time, by site, by rule or both */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path?: never;
      };
      requestBody: {
        content: {
          'application/json': NewSilence;
        };
      };
      responses: {
        200: { content: {
          'application/json': SilenceList;
        } };
      } & Refusals<400 | 401 | 403 | 404 | 409 | 413 | 415 | 422 | 429 | 500 | 503>;
    };
  };
  '/api/v1/ml/alert-silences/lift': {
    /** End a silence before its time */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path?: never;
      };
      requestBody: {
        content: {
          'application/json': LiftedSilence;
        };
      };
      responses: {
        204: { content: never };
      } & Refusals<400 | 401 | 403 | 404 | 409 | 413 | 415 | 429 | 500 | 503>;
    };
  };
  '/api/v1/ml/fleet': {
    /** Whether models go out by themselves */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path?: never;
      };
      requestBody?: never;
      responses: {
        200: { content: {
          'application/json': Fleet;
        } };
        304: { content: never };
      } & Refusals<401 | 403 | 429 | 500 | 503>;
    };
  };
  '/api/v1/ml/fleet/resume': {
    /** Let models go out by themselves again */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path?: never;
      };
      requestBody: {
        content: {
          'application/json': {
            reason: string;
          };
        };
      };
      responses: {
        200: { content: {
          'application/json': Fleet;
        } };
      } & Refusals<400 | 401 | 403 | 409 | 413 | 415 | 429 | 500 | 503>;
    };
  };
  '/api/v1/rollouts': {
    /** Roll versions out over many sites, or plan to */
    post: {
      parameters: {
        query?: never;
        header?: {
          'idempotency-key'?: string;
        };
        path?: never;
      };
      requestBody: {
        content: {
          'application/json': RolloutRequest;
        };
      };
      responses: {
        200: { content: {
          'application/json': RolloutPlan;
        } };
        202: { content: {
          'application/json': Rollout;
        } };
      } & Refusals<400 | 401 | 403 | 404 | 409 | 413 | 415 | 422 | 429 | 500 | 503>;
    };
    /** Rollouts, newest first */
    get: {
      parameters: {
        query?: {
          status?: 'rolling' | 'soaking' | 'paused' | 'reverting' | 'aborted' | 'completed';
          limit?: number;
          cursor?: string;
        };
        header?: never;
        path?: never;
      };
      requestBody?: never;
      responses: {
        200: { content: {
          'application/json': RolloutPage;
        } };
        304: { content: never };
      } & Refusals<400 | 401 | 403 | 429 | 500 | 503>;
    };
  };
  '/api/v1/rollouts/{rolloutId}': {
    /** One rollout, as it stands */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          rolloutId: string;
        };
      };
      requestBody?: never;
      responses: {
        200: { content: {
          'application/json': Rollout;
        } };
        304: { content: never };
      } & Refusals<400 | 401 | 403 | 404 | 429 | 500 | 503>;
    };
  };
  '/api/v1/rollouts/{rolloutId}/sites': {
    /** The sites of a rollout, in its order */
    get: {
      parameters: {
        query?: {
          status?: 'waiting' | 'shadowing' | 'passed' | 'held-back' | 'skipped' | 'offered' | 'active' | 'rejected' | 'rolledback' | 'expired' | 'superseded' | 'reverting' | 'reverted' | 'not-reverted';
          limit?: number;
          cursor?: string;
        };
        header?: never;
        path: {
          rolloutId: string;
        };
      };
      requestBody?: never;
      responses: {
        200: { content: {
          'application/json': RolloutSitePage;
        } };
        304: { content: never };
      } & Refusals<400 | 401 | 403 | 404 | 429 | 500 | 503>;
    };
  };
  '/api/v1/rollouts/{rolloutId}/events': {
    /** The facts of a rollout, oldest first */
    get: {
      parameters: {
        query?: {
          after?: number;
        };
        header?: never;
        path: {
          rolloutId: string;
        };
      };
      requestBody?: never;
      responses: {
        200: { content: {
          'application/json': FactList;
        } };
        304: { content: never };
      } & Refusals<400 | 401 | 403 | 404 | 429 | 500 | 503>;
    };
  };
  '/api/v1/rollouts/{rolloutId}/pause': {
    /** Offer nothing new until it is resumed */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          rolloutId: string;
        };
      };
      requestBody: {
        content: {
          'application/json': RolloutReason;
        };
      };
      responses: {
        200: { content: {
          'application/json': Rollout;
        } };
      } & Refusals<400 | 401 | 403 | 404 | 409 | 413 | 415 | 429 | 500 | 503>;
    };
  };
  '/api/v1/rollouts/{rolloutId}/resume': {
    /** Let it go on */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          rolloutId: string;
        };
      };
      requestBody: {
        content: {
          'application/json': RolloutReason;
        };
      };
      responses: {
        200: { content: {
          'application/json': Rollout;
        } };
      } & Refusals<400 | 401 | 403 | 404 | 409 | 413 | 415 | 429 | 500 | 503>;
    };
  };
  '/api/v1/rollouts/{rolloutId}/abort': {
    /** End it, and offer every updated site what it ran before */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          rolloutId: string;
        };
      };
      requestBody: {
        content: {
          'application/json': RolloutReason;
        };
      };
      responses: {
        200: { content: {
          'application/json': Rollout;
        } };
      } & Refusals<400 | 401 | 403 | 404 | 409 | 413 | 415 | 429 | 500 | 503>;
    };
  };
  '/api/v1/fleet/sites': {
    /** Sites in service with what runs, how they do and what is wrong */
    get: {
      parameters: {
        query?: {
          q?: string;
          state?: string;
          difference?: string;
          sort?: 'name' | 'mape' | 'forecast-age' | 'alerts' | 'next-retrain';
          order?: 'usual' | 'reversed';
          offset?: number;
          limit?: number;
          cursor?: string;
        };
        header?: never;
        path?: never;
      };
      requestBody?: never;
      responses: {
        200: { content: {
          'application/json': FleetPage;
        } };
        304: { content: never };
      } & Refusals<400 | 401 | 403 | 429 | 500 | 503>;
    };
  };
  '/api/v1/ml/systems/{systemId}/scores': {
    /** How the site’s forecasts did, day by day */
    get: {
      parameters: {
        query?: {
          days?: number;
          model?: string;
        };
        header?: never;
        path: {
          systemId: string;
        };
      };
      requestBody?: never;
      responses: {
        200: { content: {
          'application/json': ScoreList;
        } };
        304: { content: never };
      } & Refusals<400 | 401 | 403 | 404 | 429 | 500 | 503>;
    };
  };
  '/api/v1/ml/systems/{systemId}/accuracy': {
    /** Daily errors of all models of a site, and of each version that served */
    get: {
      parameters: {
        query?: {
          days?: number;
        };
        header?: never;
        path: {
          systemId: string;
        };
      };
      requestBody?: never;
      responses: {
        200: { content: {
          'application/json': AccuracyTrend;
        } };
        304: { content: never };
      } & Refusals<400 | 401 | 403 | 404 | 429 | 500 | 503>;
    };
  };
  '/api/v1/ml/systems/{systemId}/error-hours': {
    /** Where in the week a site’s forecasts miss */
    get: {
      parameters: {
        query?: {
          days?: number;
        };
        header?: never;
        path: {
          systemId: string;
        };
      };
      requestBody?: never;
      responses: {
        200: { content: {
          'application/json': ErrorHours;
        } };
        304: { content: never };
      } & Refusals<400 | 401 | 403 | 404 | 429 | 500 | 503>;
    };
  };
  '/api/v1/ml/systems/{systemId}/event-flags': {
    /** Mark hours in which the load is another one */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          systemId: string;
        };
      };
      requestBody: {
        content: {
          'application/json': {
            label: string;
            hours: number[];
            weekdays?: number[];
            dates?: string[];
          };
        };
      };
      responses: {
        201: { content: {
          'application/json': EventFlagList;
        } };
      } & Refusals<400 | 401 | 403 | 404 | 409 | 413 | 415 | 422 | 429 | 500 | 503>;
    };
  };
  '/api/v1/systems/{systemId}': {
    /** Register a site or replace its settings */
    put: {
      parameters: {
        query?: never;
        header?: {
          'if-match'?: string;
        };
        path: {
          systemId: string;
        };
      };
      requestBody: {
        content: {
          'application/json': NewSettings;
        };
      };
      responses: {
        200: { content: {
          'application/json': Site;
        } };
        201: { content: {
          'application/json': Site;
        } };
      } & Refusals<400 | 401 | 403 | 404 | 409 | 412 | 413 | 415 | 422 | 429 | 500 | 503>;
    };
    /** A site with its settings */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          systemId: string;
        };
      };
      requestBody?: never;
      responses: {
        200: { content: {
          'application/json': Site;
        } };
        304: { content: never };
      } & Refusals<400 | 401 | 403 | 404 | 429 | 500 | 503>;
    };
    /** Decommission a site */
    delete: {
      parameters: {
        query?: {
          reason?: string;
        };
        header?: never;
        path: {
          systemId: string;
        };
      };
      requestBody?: never;
      responses: {
        204: { content: never };
      } & Refusals<400 | 401 | 403 | 404 | 409 | 429 | 500 | 503>;
    };
  };
  '/api/v1/systems/{systemId}/schedule/pause': {
    /** Let weekly retrains of a site pass */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          systemId: string;
        };
      };
      requestBody: {
        content: {
          'application/json': {
            reason: string;
          };
        };
      };
      responses: {
        200: { content: {
          'application/json': Site;
        } };
      } & Refusals<400 | 401 | 403 | 404 | 409 | 413 | 415 | 429 | 500 | 503>;
    };
  };
  '/api/v1/systems/{systemId}/schedule/resume': {
    /** Retrain a site weekly again */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          systemId: string;
        };
      };
      requestBody?: never;
      responses: {
        200: { content: {
          'application/json': Site;
        } };
      } & Refusals<400 | 401 | 403 | 404 | 409 | 429 | 500 | 503>;
    };
  };
  '/api/v1/systems': {
    /** Sites with what runs on them, newest first */
    get: {
      parameters: {
        query?: {
          status?: 'registered' | 'decommissioned';
          limit?: number;
          cursor?: string;
        };
        header?: never;
        path?: never;
      };
      requestBody?: never;
      responses: {
        200: { content: {
          'application/json': SitePage;
        } };
        304: { content: never };
      } & Refusals<400 | 401 | 403 | 429 | 500 | 503>;
    };
  };
  '/api/v1/systems/{systemId}/devices': {
    /** Give a site a new device */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          systemId: string;
        };
      };
      requestBody?: never;
      responses: {
        201: { content: {
          'application/json': NewDevice;
        } };
      } & Refusals<400 | 401 | 403 | 404 | 409 | 429 | 500 | 503>;
    };
  };
  '/api/v1/systems/{systemId}/devices/{deviceId}': {
    /** Revoke a site’s active device */
    delete: {
      parameters: {
        query?: {
          reason?: string;
        };
        header?: never;
        path: {
          systemId: string;
          deviceId: string;
        };
      };
      requestBody?: never;
      responses: {
        204: { content: never };
      } & Refusals<400 | 401 | 403 | 404 | 409 | 429 | 500 | 503>;
    };
  };
  '/api/v1/systems/{systemId}/device-journals': {
    /** What the site’s devices told of what they did, by device and installation */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          systemId: string;
        };
      };
      requestBody?: never;
      responses: {
        200: { content: {
          'application/json': DeviceJournalList;
        } };
        304: { content: never };
      } & Refusals<400 | 401 | 403 | 404 | 429 | 500 | 503>;
    };
  };
  '/api/v1/systems/{systemId}/device-journals/{deviceId}/{installationId}/events': {
    /** The facts of a device’s journal, oldest first */
    get: {
      parameters: {
        query?: {
          after?: number;
        };
        header?: never;
        path: {
          systemId: string;
          deviceId: string;
          installationId: string;
        };
      };
      requestBody?: never;
      responses: {
        200: { content: {
          'application/json': FactList;
        } };
        304: { content: never };
      } & Refusals<400 | 401 | 403 | 404 | 429 | 500 | 503>;
    };
  };
  '/api/v1/telemetry/{systemId}': {
    /** Store hourly readings */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          systemId: string;
        };
      };
      requestBody: {
        content: {
          'application/json': NewReadings;
          'application/x-www-form-urlencoded': NewReadings;
          'text/csv': string;
        };
      };
      responses: {
        200: { content: {
          'application/json': WriteSummary;
        } };
      } & Refusals<400 | 401 | 403 | 404 | 413 | 415 | 422 | 429 | 500 | 503>;
    };
    /** Hourly readings of a site */
    get: {
      parameters: {
        query?: {
          days?: number;
          from?: string;
          to?: string;
        };
        header?: never;
        path: {
          systemId: string;
        };
      };
      requestBody?: never;
      responses: {
        200: { content: {
          'application/json': ReadingList;
        } };
        304: { content: never };
      } & Refusals<400 | 401 | 403 | 404 | 422 | 429 | 500 | 503>;
    };
  };
  '/api/v1/telemetry/{systemId}/temperature-forecast': {
    /** Supply a temperature forecast */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          systemId: string;
        };
      };
      requestBody: {
        content: {
          'application/json': {
            hours: {
              hour: string;
              /** Ambient, °C. */
              temperatureC: number;
            }[];
          };
          'application/x-www-form-urlencoded': {
            hours: {
              hour: string;
              /** Ambient, °C. */
              temperatureC: number;
            }[];
          };
          'text/csv': string;
        };
      };
      responses: {
        200: { content: {
          'application/json': {
            systemId: string;
            issuedAt: string | null;
            /** Hours that it speaks of, from the one in progress on. */
            hours: number;
            firstHour: string;
            lastHour: string;
          };
        } };
      } & Refusals<400 | 401 | 403 | 404 | 413 | 415 | 422 | 429 | 500 | 503>;
    };
    /** The newest temperature forecast of a site */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          systemId: string;
        };
      };
      requestBody?: never;
      responses: {
        200: { content: {
          'application/json': {
            systemId: string;
            issuedAt: string;
            hours: {
              hour: string;
              /** Ambient, °C. */
              temperatureC: number;
            }[];
          };
        } };
        304: { content: never };
      } & Refusals<400 | 401 | 403 | 404 | 429 | 500 | 503>;
    };
  };
  '/api/v1/artifacts/{checksum}': {
    /** A stored file at an address that was signed for it */
    get: {
      parameters: {
        query: {
          expires: string;
          signature: string;
        };
        header?: {
          range?: string;
          'if-range'?: string;
          'if-none-match'?: string;
        };
        path: {
          checksum: string;
        };
      };
      requestBody?: never;
      responses: {
        200: { content: {
          'application/octet-stream': string;
        } };
        206: { content: {
          'application/octet-stream': string;
        } };
        304: { content: never };
      } & Refusals<400 | 403 | 404 | 416 | 429 | 500 | 503>;
    };
  };
  '/api/v1/effects/dead': {
    /** Work that was given up after its last try */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path?: never;
      };
      requestBody?: never;
      responses: {
        200: { content: {
          'application/json': DeadEffectList;
        } };
        304: { content: never };
      } & Refusals<401 | 403 | 429 | 500 | 503>;
    };
  };
  '/api/v1/effects/redrive': {
    /** Try work again that was given up */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path?: never;
      };
      requestBody: {
        content: {
          'application/json': RedriveRequest;
        };
      };
      responses: {
        200: { content: {
          'application/json': Redriven;
        } };
      } & Refusals<400 | 401 | 403 | 413 | 415 | 429 | 500 | 503>;
    };
  };
  '/api/v1/machines': {
    /** The lifecycles that facts follow */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path?: never;
      };
      requestBody?: never;
      responses: {
        200: { content: {
          'application/json': MachineList;
        } };
        304: { content: never };
      } & Refusals<429 | 500 | 503>;
    };
  };
  '/api/v1/machines/{name}': {
    /** A lifecycle as data: states, legal facts, effects */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          name: string;
        };
      };
      requestBody?: never;
      responses: {
        200: { content: {
          'application/json': Machine;
        } };
        304: { content: never };
      } & Refusals<400 | 404 | 429 | 500 | 503>;
    };
  };
  '/api/v1/machines/{name}/drawing': {
    /** A lifecycle as a picture, with a stream’s way through it when one is named */
    get: {
      parameters: {
        query?: {
          stream?: string;
        };
        header?: never;
        path: {
          name: string;
        };
      };
      requestBody?: never;
      responses: {
        200: { content: {
          'image/svg+xml': string;
        } };
      } & Refusals<400 | 401 | 403 | 404 | 429 | 500 | 503>;
    };
  };
  '/api/v1/streams/{stream}/machine': {
    /** Why a stream is where it is: its machine at one instant, explained */
    get: {
      parameters: {
        query?: {
          version?: number;
        };
        header?: never;
        path: {
          stream: string;
        };
      };
      requestBody?: never;
      responses: {
        200: { content: {
          'application/json': {
            streamId: string;
            machine: {
              name: string;
              version: number;
            };
            /** How many facts the stream has. */
            facts: number;
            version: number;
            state: string;
            /** What the machine knows; shares in percent. */
            context: unknown;
            fact: Fact | null;
            taken: {
              from: string;
              to: string;
              /** What was requested. */
              effects: RequestedEffect[];
              /** What may be requested here and was not needed. */
              spared: string[];
              guards: Condition[];
            } | null;
            /** Why no other fact happened instead. */
            refused: RefusedFact[];
            legal: {
              fact: string;
              to: string;
              effects: string[];
              guards: Condition[];
              /** Commands that would make it. */
              commands: string[];
            }[];
            /** What the state allows and a guard refuses now. */
            barred: RefusedFact[];
          };
        } };
        304: { content: never };
      } & Refusals<400 | 401 | 403 | 404 | 409 | 429 | 500 | 503>;
    };
  };
  '/api/v1/streams/{stream}/steps': {
    /** What each fact of a stream did to its machine, for going through it step by step */
    get: {
      parameters: {
        query?: {
          after?: number;
          limit?: number;
        };
        header?: never;
        path: {
          stream: string;
        };
      };
      requestBody?: never;
      responses: {
        200: { content: {
          'application/json': StreamSteps;
        } };
        304: { content: never };
      } & Refusals<400 | 401 | 403 | 404 | 429 | 500 | 503>;
    };
  };
  '/api/v1/streams/{stream}/test-vector': {
    /** A stream’s history as a test vector for its machine */
    get: {
      parameters: {
        query?: {
          version?: number;
        };
        header?: never;
        path: {
          stream: string;
        };
      };
      requestBody?: never;
      responses: {
        200: { content: {
          'application/json': TestVector;
        } };
        304: { content: never };
      } & Refusals<400 | 401 | 403 | 404 | 409 | 429 | 500 | 503>;
    };
  };
  '/api/v1/streams/{stream}/drawing': {
    /** A stream’s machine at one instant as a picture that stands alone */
    get: {
      parameters: {
        query?: {
          version?: number;
        };
        header?: never;
        path: {
          stream: string;
        };
      };
      requestBody?: never;
      responses: {
        200: { content: {
          'image/svg+xml': string;
        } };
      } & Refusals<400 | 401 | 403 | 404 | 429 | 500 | 503>;
    };
  };
  '/api/v1/streams/{stream}/mermaid': {
    /** A stream’s machine at one instant as a Mermaid state diagram */
    get: {
      parameters: {
        query?: {
          version?: number;
        };
        header?: never;
        path: {
          stream: string;
        };
      };
      requestBody?: never;
      responses: {
        200: { content: {
          'text/plain': string;
        } };
      } & Refusals<400 | 401 | 403 | 404 | 429 | 500 | 503>;
    };
  };
  '/api/v1/events': {
    /** Facts of the log in its order, as it holds them */
    get: {
      parameters: {
        query?: {
          systemId?: string;
          stream?: string;
          types?: string;
          limit?: number;
          cursor?: string;
        };
        header?: never;
        path?: never;
      };
      requestBody?: never;
      responses: {
        200: { content: {
          'application/json': EventPage;
        } };
        304: { content: never };
      } & Refusals<400 | 401 | 403 | 429 | 500 | 503>;
    };
  };
  '/api/v1/stream': {
    /** Facts as they happen, as server-sent events */
    get: {
      parameters: {
        query?: {
          systemId?: string;
          stream?: string;
          types?: string;
          lastEventId?: number;
        };
        header?: {
          'last-event-id'?: number;
        };
        path?: never;
      };
      requestBody?: never;
      responses: {
        200: { content: {
          'text/event-stream': string;
        } };
      } & Refusals<400 | 401 | 403 | 429 | 500 | 503>;
    };
  };
  '/models/{systemId}/{file}': {
    /** The ONNX file of a model version */
    get: {
      parameters: {
        query?: never;
        header?: {
          range?: string;
          'if-range'?: string;
          'if-none-match'?: string;
        };
        path: {
          systemId: string;
          file: string;
        };
      };
      requestBody?: never;
      responses: {
        200: { content: {
          'application/octet-stream': string;
        } };
        206: { content: {
          'application/octet-stream': string;
        } };
        304: { content: never };
      } & Refusals<400 | 401 | 403 | 404 | 415 | 416 | 429 | 500 | 503>;
    };
  };
  '/models/{systemId}/{version}/{file}': {
    /** The ONNX file of one model of a version */
    get: {
      parameters: {
        query?: never;
        header?: {
          range?: string;
          'if-range'?: string;
          'if-none-match'?: string;
        };
        path: {
          systemId: string;
          version: string;
          file: string;
        };
      };
      requestBody?: never;
      responses: {
        200: { content: {
          'application/octet-stream': string;
        } };
        206: { content: {
          'application/octet-stream': string;
        } };
        304: { content: never };
      } & Refusals<400 | 401 | 403 | 404 | 415 | 416 | 429 | 500 | 503>;
    };
  };
  '/tuf/{file}': {
    /** A file of the signed metadata that devices verify models by */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          file: string;
        };
      };
      requestBody?: never;
      responses: {
        200: { content: {
          'application/json': string;
        } };
      } & Refusals<400 | 401 | 403 | 404 | 429 | 500 | 503>;
    };
  };
  '/schemas': {
    /** The types of facts with their schemas */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path?: never;
      };
      requestBody?: never;
      responses: {
        200: { content: {
          'application/json': FactTypeList;
        } };
        304: { content: never };
      } & Refusals<500 | 503>;
    };
  };
  '/schemas/{type}': {
    /** The JSON Schema of a fact’s data, in the version of today */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          type: string;
        };
      };
      requestBody?: never;
      responses: {
        200: { content: {
          'application/json': {
            title: string;
          } & Record<string, unknown>;
        } };
        304: { content: never };
      } & Refusals<400 | 404 | 500 | 503>;
    };
  };
  '/asyncapi.json': {
    /** The messages on MQTT topics and NATS subjects, as AsyncAPI 3 */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path?: never;
      };
      requestBody?: never;
      responses: {
        200: { content: {
          'application/json': {
            asyncapi: string;
          } & Record<string, unknown>;
        } };
        304: { content: never };
      } & Refusals<500 | 503>;
    };
  };
  '/healthz': {
    /** Whether the process runs */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path?: never;
      };
      requestBody?: never;
      responses: {
        200: { content: {
          'application/json': {
            status: 'ok';
          };
        } };
      } & Refusals<500 | 503>;
    };
  };
  '/readyz': {
    /** Whether all that the process needs answers */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path?: never;
      };
      requestBody?: never;
      responses: {
        200: { content: {
          'application/json': {
            status: 'ready' | 'not-ready';
            checks: {
              name: string;
              ok: boolean;
              /** A warning for people, which keeps no request away. */
              advisory?: true;
            }[];
          };
        } };
        503: { content: {
          'application/json': {
            status: 'ready' | 'not-ready';
            checks: {
              name: string;
              ok: boolean;
              /** A warning for people, which keeps no request away. */
              advisory?: true;
            }[];
          };
        } };
      } & Refusals<500>;
    };
  };
  '/metrics': {
    /** Metrics in the text form of Prometheus */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path?: never;
      };
      requestBody?: never;
      responses: {
        200: { content: {
          'text/plain': string;
        } };
      } & Refusals<401 | 403 | 500 | 503>;
    };
  };
}
