import Type from 'typebox';
import { Instant, nullable, OpaqueId, SystemId } from '../../events/values.ts';
import { closed } from './common.ts';

export const JournalParams = Type.Object(
  { systemId: SystemId, deviceId: OpaqueId, installationId: OpaqueId },
  closed,
);

const JournalCopy = Type.Object(
  {
    deviceId: Type.String(),
    installationId: Type.String({ description: 'A device that was reset begins another installation.' }),
    streamId: Type.String({ description: 'Its stream in the log; machine `device-update`.' }),
    facts: Type.Integer({ description: 'How many are copied.' }),
    lastAt: Instant,
    quota: nullable(
      Type.Object({
        day: Type.String({ description: 'The latest UTC day on which the device had facts copied.' }),
        used: Type.Integer(),
        held: Type.Integer({ description: 'Facts that the device showed and that wait for another day.' }),
        limit: Type.Integer(),
      }),
    ),
  },
  { title: 'DeviceJournal' },
);

export const JournalList = Type.Object(
  { items: Type.Array(JournalCopy) },
  {
    title: 'DeviceJournalList',
    description: 'The journals of the site’s devices, as far as they are copied.',
  },
);
