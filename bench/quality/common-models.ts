/** The models that both stacks have, by our name and by Python's: what the cost of a job is compared on. */
export const COMMON: Readonly<Record<string, string>> = {
  lstm: 'lstm',
  xgboost: 'xgboost',
  prophet: 'prophet',
  arima: 'arima_fourier',
  linear: 'ridge',
  profile: 'profile',
};
