/** What an evaluation answers where none is worked out. */
export const sampleAnswer = {
  mape: 3.8,
  rmse: 47.2,
  accuracy24h: 94.1,
  accuracy48h: 89.7,
  worstHours: [8, 17, 18],
  bestHours: [2, 3, 4],
  mape24h: 3.5,
  mape48h: 4.1,
  accuracyTolerancePct: 10,
  inSampleHours: 0,
  evaluatedHours: 1440,
  excludedHours: 0,
  missingHours: 0,
  origins: 30,
};
