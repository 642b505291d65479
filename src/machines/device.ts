import type { DeviceFact } from '../events/device.ts';
import { illegal, lifecycleOf, type TransitionTable } from './table.ts';

/** A device's right to speak for its site. A revoked device never comes back; a replacement is a new device. */

export type DeviceState = 'new' | 'trusted' | 'revoked';

export interface DeviceContext {
  readonly deviceId: string;
  readonly systemId: string;
  readonly tenant: string;
}

export type DeviceCommand =
  | { readonly type: 'add'; readonly device: DeviceContext }
  | { readonly type: 'revoke'; readonly reason: string };

const revokeCredential = {
  type: 'revoke-credential',
  lane: 'quick',
  request: ({ deviceId }: DeviceContext) => ({ data: { deviceId } }),
} as const;

const table: TransitionTable<DeviceState, DeviceFact, DeviceContext> = {
  new: { DeviceAdded: { to: 'trusted', update: (_, device) => device }, DeviceRevoked: illegal },
  trusted: { DeviceAdded: illegal, DeviceRevoked: { to: 'revoked', effects: [revokeCredential] } },
  revoked: { DeviceAdded: illegal, DeviceRevoked: illegal },
};

function facts(command: DeviceCommand): readonly DeviceFact[] {
  switch (command.type) {
    case 'add':
      return [{ type: 'DeviceAdded', data: command.device }];
    case 'revoke':
      return [{ type: 'DeviceRevoked', data: { reason: command.reason } }];
  }
}

export const device = lifecycleOf<DeviceState, DeviceCommand, DeviceFact, DeviceContext>({
  name: 'device',
  version: 1,
  streamType: 'device',
  initial: 'new',
  context: { deviceId: '', systemId: '', tenant: '' },
  table,
  commands: { add: ['DeviceAdded'], revoke: ['DeviceRevoked'] },
  facts,
  // A revoked device speaks for no site any more; its replacement is set by the site's own fact.
  registry: ({ context: { systemId, deviceId } }, { type }) =>
    type === 'DeviceRevoked'
      ? [{ operation: 'release', kind: 'active-device', key: systemId, value: deviceId }]
      : [],
});
