import Type, { type TSchema } from 'typebox';
import { Check } from 'typebox/value';
import { EventFlag, SpecialDay } from '../../events/site.ts';
import { MODELS_APART } from '../../forecasting/fit-apart.ts';
import type { LeasedEffect } from '../../ports/effect-queue.ts';

/** The effect's data is not what its type promises: written by another version of the program. */
class UnknownEffectData extends Error {
  override readonly name = 'UnknownEffectData';

  constructor(effect: LeasedEffect) {
    super(`effect ${effect.key} of type ${effect.effect.type} carries data that this version cannot read`);
  }
}

function reader<S extends TSchema>(schema: S) {
  return (effect: LeasedEffect): Type.Static<S> => {
    const { data } = effect.effect;
    if (!Check(schema, data)) throw new UnknownEffectData(effect);
    return data;
  };
}

export const jobEffect = reader(Type.Object({ jobId: Type.String() }));
export const deploymentEffect = reader(Type.Object({ deploymentId: Type.String() }));
export const evaluationEffect = reader(Type.Object({ evaluationId: Type.String() }));
export const siteEffect = reader(Type.Object({ systemId: Type.String() }));
export const slotEffect = reader(Type.Object({ systemId: Type.String(), slot: Type.String() }));
export const alertEffect = reader(Type.Object({ alertId: Type.String() }));
export const alertEventEffect = reader(Type.Object({ alertId: Type.String(), event: Type.String() }));
export const rolloutEffect = reader(Type.Object({ rolloutId: Type.String(), turn: Type.Integer() }));
export const soakEffect = reader(Type.Object({ rolloutId: Type.String(), stage: Type.Integer() }));
export const deviceEffect = reader(Type.Object({ deviceId: Type.String() }));

/** One model of a job, with what of its site decides what that model learns. */
export const fitEffect = reader(
  Type.Object({
    jobId: Type.String(),
    model: Type.Enum([...MODELS_APART]),
    layoutVersion: Type.Integer(),
    place: Type.Object({
      zone: Type.String(),
      ibgeCode: Type.Union([Type.String(), Type.Null()]),
      imported: Type.Array(SpecialDay),
    }),
    eventFlags: Type.Array(EventFlag),
  }),
);
/** Of a deployment, or of a job whose version was kept. */
export const filesEffect = reader(
  Type.Union([Type.Object({ deploymentId: Type.String() }), Type.Object({ jobId: Type.String() })]),
);
